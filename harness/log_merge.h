/* One or several event logs, read for a report: the lines that reporters take, put together. */
#ifndef PAMLAB_LOG_MERGE_H
#define PAMLAB_LOG_MERGE_H

#include <jansson.h>
#include <stddef.h>

#include "err.h"
#include "reporter.h"

struct logs {
	json_t *runs;  /* the run lines, each with `log`, its file, and `dir`, where that is */
	json_t *cases; /* the case lines */
	json_t *ends;  /* the end lines */
	json_t *notes; /* sentences: what is damaged or missing */
	json_t *where; /* which log has a case */
};

void logs_init(struct logs *l);
void logs_free(struct logs *l);

/* Adds a log, or the one in a directory. Each whole line is used, what is damaged is noted.
 * EXIT_USAGE: it is no event log, or has a case that one before it has, too. */
int logs_add(struct logs *l, const char *path, struct err **e);

/* Sends what there is through a reporter: a run line, the cases, an end line with `notes`. */
int logs_report(const struct logs *l, struct reporter *r, struct err **e);

#endif
