/* The ground truth: what is so outside every session, seen from the guest's initial namespaces
 * through a procfs that nobody else can reach (boot.h). */
#ifndef PAMLAB_AGENT_TRUTH_H
#define PAMLAB_AGENT_TRUTH_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/procfs.h"

/* Remembers what is there before any case. Everything later is told against it. It is called when a
 * stage is set, so what it takes is part of the template and no case pays for it. */
void truth_before(void);

/* Names of the observations that the case's scenario looks at; the others are not made. Borrowed;
 * NULL: all of them. */
void truth_want(json_t *names);

/* Observes host.WHEN.*; `when` is "before", "during" or "after". */
void truth_observe(const char *when);

/* Observes host.during.session_*: the PID namespace that the session's program lives in. */
void truth_observe_session(void);

/* Is this observation one of them? */
bool truth_wanted(const char *prefix, const char *name);

/* The session's program in a scan's result, or NULL. */
const struct proc_info *truth_find_session(const struct proc_info *procs, size_t n);

/* Observes what is recorded of the session outside: utmp, the audit system's login uid. */
void records_observe(const struct proc_info *procs, size_t n, const struct proc_info *session);

/* Says what runs when a job's time is up; `worker` is the agent's own. */
void truth_at_deadline(pid_t worker);

#endif
