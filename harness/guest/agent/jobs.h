/* The kinds of job; each runs in the worker and returns its exit status (0: the lab did its part,
 * whatever the candidate did). */
#ifndef PAMLAB_AGENT_JOBS_H
#define PAMLAB_AGENT_JOBS_H

#include <jansson.h>

#include "common/case_files.h"

/* Puts the candidate, its stack, sshd and the victims in place, for a derived template. */
int run_stage(json_t *job);

/* One test case: looks, logs in, looks again. */
int run_case(json_t *job);

/* Logins that are timed, on a host that is as full as the job says. */
int run_bench(json_t *job);

/* A login on the second serial line, and a root shell on the third, for a person. */
int run_shell(json_t *job);

#define VICTIMS "/run/pamlab/victims"
#define LIB_DIR "/usr/lib/pamlab"
/* A file with the path of the candidate; absent if the stack has none. */
#define MODULE_NAME "/run/pamlab/module"

#endif
