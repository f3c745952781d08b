/* The line of the event log that says what became of a case. */
#ifndef PAMLAB_CASE_LINE_H
#define PAMLAB_CASE_LINE_H

#include "plan.h"
#include "verdict.h"

/* docs/event-log.md, "case". A new reference. */
json_t *case_line(const struct lab *lab, const struct test_case *t, const struct judgement *j);

#endif
