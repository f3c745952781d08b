/* The event log's first line (docs/event-log.md, "run"). */
#ifndef PAMLAB_RUN_LINE_H
#define PAMLAB_RUN_LINE_H

#include <jansson.h>

#include "campaign.h"
#include "plan.h"

/* What is run on what, as it is planned. New reference. */
json_t *run_line(const struct campaign *c, const struct plan *plan);

#endif
