/* Comparison with files below tests/unit/data. */
#ifndef PAMLAB_GOLDEN_H
#define PAMLAB_GOLDEN_H

#include <jansson.h>

#include "reporter.h"

/* Compares text with a golden file, and says where they differ. With PAMLAB_GOLDEN=write in the
 * environment the file is written instead: look at `git diff` then. */
void check_golden(const char *name, const char *text);

/* What a reporter writes of a golden log; the caller frees. */
char *render(struct reporter *(*make)(FILE *out), const char *log);

/* Sends the lines of a golden log (a run line, case lines, an end line) through a reporter that
 * writes to *out of open_memstream; frees the reporter. */
void feed(struct reporter *r, const char *log);

#endif
