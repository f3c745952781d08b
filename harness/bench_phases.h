/* From the instants of a login to its phases. */
#ifndef PAMLAB_BENCH_PHASES_H
#define PAMLAB_BENCH_PHASES_H

#include <jansson.h>

struct bench_phase {
	const char *name;
	const char *about; /* one line */
};

/* The phases, in the order in which a login comes to them, ended by one without a name.
 * docs/costs.md says what each is. The last one, `teardown`, is not part of the login's total. */
extern const struct bench_phase bench_phases[];

/* Of the timeline that an agent observed (a list of [WHAT, ns since the exec of the entry, ns that
 * the marker took]; harness/guest/agent/bench.c) an object: phase -> ns, with those only that were
 * seen. What the markers took is in none of them. Those up to the return of the entry sum up to its
 * total; what comes after it is in `late`, in the phases of close_session and in `teardown`. The
 * caller owns the object; NULL if the timeline is none. */
json_t *bench_phases_of(const json_t *timeline);

/* An instant of the timeline, ns since the exec; -1 if it is not in it. */
json_int_t bench_instant(const json_t *timeline, const char *what);

/* What markers took that were entered from one instant (ns since the exec) to another. */
json_int_t bench_markers_ns(const json_t *timeline, json_int_t from, json_int_t to);

#endif
