/* The kinds of job; each runs in the worker and returns its exit status (0: the lab did its part,
 * whatever the candidate did). */
#ifndef PAMLAB_AGENT_JOBS_H
#define PAMLAB_AGENT_JOBS_H

#include <jansson.h>
#include <stdbool.h>

#include "common/case_files.h"

/* Puts the candidate, its stack, sshd and the victims in place, for a derived template. */
int run_stage(json_t *job);

/* Puts a job's module where PAM looks for it; its path goes to `path`. False if the job has none,
 * or one that should be in the image and is not. */
bool install_module(json_t *module, char *path, size_t room);

/* One test case: looks, logs in, looks again. */
int run_case(json_t *job);

/* A login without the candidate, for a machine of which each case gets a copy. */
int run_warm(json_t *job);

/* Logins that are timed, on a host that is as full as the job says. */
int run_bench(json_t *job);

/* A login on the second serial line, and a root shell on the third, for a person. */
int run_shell(json_t *job);

#define VICTIMS      "/run/pamlab/victims.list"
#define VICTIM_FACTS "/run/pamlab/victims.facts"
#define LIB_DIR      "/usr/lib/pamlab"
/* A file with the path of the candidate; absent if the stack has none. */
#define MODULE_NAME "/run/pamlab/module"

#endif
