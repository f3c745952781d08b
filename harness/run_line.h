/* The event log's first line (docs/event-log.md, "run"). */
#ifndef PAMLAB_RUN_LINE_H
#define PAMLAB_RUN_LINE_H

#include <jansson.h>

#include "campaign.h"
#include "candidate.h"
#include "lab.h"
#include "plan.h"

/* A run line with all but `modules`, `cases` and what belongs to the verb. argv is the command line
 * from the verb on, NULL at the end; NULL: empty. New reference. */
json_t *run_line(const struct lab *lab, const char *dir, const char *const *argv);

/* One of its `modules`. New reference. */
json_t *run_line_module(const struct candidate *c);

/* The whole line of a campaign as it is planned. New reference. */
json_t *run_line_campaign(const struct campaign *c, const struct plan *plan);

#endif
