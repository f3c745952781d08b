/* The session, seen from outside: its program, and all that is in the PID namespace of that. */
#ifndef PAMLAB_AGENT_SESSION_H
#define PAMLAB_AGENT_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/procfs.h"

/* Finds the session's program: the first new process of its name. False if there is none. */
bool session_find(struct proc_info *program);

/* The same in a scan's result, or NULL. */
const struct proc_info *session_find_in(const struct proc_info *procs, size_t n);

/* Observes what is recorded of the session outside: utmp, the audit system's login uid. program may
 * be NULL. */
void records_observe(const struct proc_info *procs, size_t n, const struct proc_info *program);

/* Is the program in a PID namespace of its own? */
bool session_isolated(const struct proc_info *program);

/* Outer pid of the first process of its namespace; 0 if that is the initial one. */
pid_t session_init(const struct proc_info *program);

/* Waits until everything in its namespace is gone, or the program alone if it has none of its own.
 * Returns after how many ns, or -1 after limit_ns; then survivors, unless NULL, gets what is left.
 */
int64_t session_wait_gone(const struct proc_info *program, int64_t limit_ns, json_t *survivors);

/* Observes host.during.session_*. */
void session_observe(void);

/* After the login: what the actions kept an eye on, and what companions in the stack left. */
void session_observe_aftermath(void);

/* Of a /proc that the action keep-proc has kept open: observes host.kept_proc.*, and closes it. */
void observe_kept_proc(void);

/* "PID COMM STATE uid=N" */
json_t *session_describe(const struct proc_info *p);

#endif
