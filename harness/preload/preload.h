/* preload.so: what vm_start.c has QEMU load (LD_PRELOAD) when the guest's clock counts
 * instructions. haltclock.c keeps the clock right, copies.c lets a machine copy itself, pages.c
 * makes a copy quick, and lines.c sends what the guest says a line at a time.
 *
 * Only functions that QEMU calls, or exports, through its dynamic symbol table are used. */
#ifndef PAMLAB_PRELOAD_H
#define PAMLAB_PRELOAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

/* Which of QEMU's threads this is. QEMU names its threads (-name debug-threads=on): "ALL CPUs/TCG",
 * "IO mon_iothread"; the main loop's is that of main(). */
enum role { OTHER, MAIN, VCPU, MONITOR, ROLES };
extern _Thread_local enum role role;

extern int (*real_lock)(pthread_mutex_t *);

/* copies.c: this thread has got its role. */
void copies_know_thread(void);

/* copies.c: the main loop locks the big lock. */
int copies_lock(pthread_mutex_t *m);

/* copies.c: the vCPU has come to the point of which copies are made. Returns true in each copy, and
 * false if this machine makes none. */
bool copies_make(void);

/* pages.c: there is a block of the guest's memory, from now on. */
void pages_know_guest_memory(void *start, size_t len);

/* pages.c: finds what copies will write, when all is as they will find it. */
void pages_find(void);

/* pages.c, in a copy. Needs no lock. */
void pages_make_own(void);

#endif
