/* How many namespaces of a kind are alive, whoever holds them: a process, a descriptor, a bind
 * mount, or a leaked reference. The kernel counts them for each user and user namespace against
 * user.max_*_namespaces (namespaces(7), kernel/ucount.c), so the smallest limit at which one more
 * can be made tells the number. */
#ifndef PAMLAB_AGENT_NSCOUNT_H
#define PAMLAB_AGENT_NSCOUNT_H

#include <stdint.h>

enum ns_kind { NS_COUNT_PID, NS_COUNT_MNT };

/* Of root in the initial user namespace: every PAM module's. -1 if it cannot be told. Makes one
 * namespace that is gone after an RCU grace period. */
long count_namespaces(enum ns_kind kind);

/* Waits until no more than `count` are alive, looking every millisecond until guest time `until`
 * (guest_now). Returns the time stamp counter's value before the look that found it so, 0 if none
 * did. */
uint64_t wait_for_namespaces(enum ns_kind kind, long count, int64_t until);

#endif
