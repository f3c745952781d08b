/* How a case's guests ended, as its verdict wants to know it. */
#ifndef PAMLAB_CASE_OUTCOME_H
#define PAMLAB_CASE_OUTCOME_H

#include "plan.h"
#include "verdict.h"

/* Of a case that was run. Its texts belong to the run. */
struct run_outcome case_outcome(const struct test_case *t);

/* The control's observations, or NULL; a control that the lab could not run makes *outcome its own
 * failure. */
const json_t *case_control_observations(const struct case_control *c, struct run_outcome *outcome);

#endif
