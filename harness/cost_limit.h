/* How much more a login may cost, as --max-cost says it, and whether it does. Decided in integers:
 * a cost of exactly the limit is within it, one nanosecond more is not. */
#ifndef PAMLAB_COST_LIMIT_H
#define PAMLAB_COST_LIMIT_H

#include <jansson.h>
#include <stdbool.h>

#include "err.h"

/* What is judged if --max-cost names no phase, and by how much if it is not given at all. */
#define COST_LIMIT_PHASE   "total_ns"
#define COST_LIMIT_DEFAULT "+0.25%"

/* The growth of one phase: numerator / denominator, 0.5 % being 5 / 1000. */
struct cost_limit {
	char *phase;
	char *text; /* the growth as it was written */
	json_int_t numerator, denominator;
};

struct cost_limits {
	struct cost_limit *list;
	size_t n;
};

/* Adds "[PHASE=][+]P%", P having at most six decimals, from 0 to 1000; `none` takes away all
 * limits. What is neither is EXIT_USAGE. */
int cost_limits_add(struct cost_limits *l, const char *text, struct err **e);
void cost_limits_clear(struct cost_limits *l);
#define cleanup_limits __attribute__((cleanup(cost_limits_clear)))

/* The limit of a phase, NULL if it has none. */
const struct cost_limit *cost_limit_of(const struct cost_limits *l, const char *phase);

/* The greatest cost, in ns, that is allowed after `base` ns (>= 0). */
json_int_t cost_allowed(const struct cost_limit *l, json_int_t base);

/* A change in percent, "+0.5393 %": rounded away from 0 to four decimals, so that what is no change
 * does not look like one, and the other way round. "new" if base is 0. The caller frees. */
char *cost_percent(json_int_t base, json_int_t now);

/* Nanoseconds with the thousands set off: "7,931,226". The caller frees. */
char *cost_text(json_int_t ns);

#endif
