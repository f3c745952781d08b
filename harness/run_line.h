/* The first line of an event log (docs/event-log.md). */
#ifndef PAMLAB_RUN_LINE_H
#define PAMLAB_RUN_LINE_H

#include <jansson.h>

#include "candidate.h"
#include "lab.h"

/* A run line with all but `modules`, `cases` and what belongs to the verb. argv is the command line
 * from the verb on, NULL at the end; NULL: empty. New reference. */
json_t *run_line(const struct lab *lab, const char *dir, const char *const *argv);

/* One of its `modules`. New reference. */
json_t *run_line_module(const struct candidate *c);

#endif
