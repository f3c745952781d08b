/* What a guest is told to do (docs/architecture.md, "Host and guest"), and which scenarios one
 * login can serve. */
#ifndef PAMLAB_JOB_H
#define PAMLAB_JOB_H

#include <jansson.h>
#include <stdint.h>

#include "scenario.h"

/* Scenarios with the same key can share a login on one stage: their sessions only look, or they are
 * the same to the letter. The caller frees it. */
char *job_share_key(const struct scenario *s);

/* Does the session only look? */
bool job_only_looks(const struct scenario *s);

/* The names that the scenario looks at, in its own run or in its controls. A new reference. */
json_t *job_observed(const struct scenario *s);

/* The case job of one login for n scenarios of one key. A new reference. */
json_t *job_make(const struct scenario *const *list, size_t n, const char *id, const char *entry,
                 int64_t offset_ns);

#endif
