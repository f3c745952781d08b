/* Baseline files: what a user's repository keeps of a run, to compare later ones with. JSON, a case
 * a line, sorted, so that a change of it can be read in a diff. docs/ci.md describes the format. */
#ifndef PAMLAB_BASELINE_H
#define PAMLAB_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "results.h"

#define BASELINE_VERSION 1

/* The text of a baseline; the caller frees. Refused (EXIT_USAGE, NULL): a log that is damaged or
 * not finished, and one with a case that the lab could not run. */
char *baseline_text(const struct results *r, struct err **e);

/* Looks the text like a baseline rather than an event log? */
bool baseline_is_one(const char *text, size_t len);

/* Reads a baseline; `path` is what it is called in errors (EXIT_USAGE). The caller clears *r, also
 * after an error. */
int baseline_parse(const char *text, size_t len, const char *path, struct results *r,
                   struct err **e);

#endif
