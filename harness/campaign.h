/* A campaign: modules x entries x scenarios x schedules, run, judged, logged and reported. */
#ifndef PAMLAB_CAMPAIGN_H
#define PAMLAB_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "candidate.h"
#include "eventlog.h"
#include "known.h"
#include "lab.h"
#include "reporter.h"
#include "scenario.h"
#include "verdict.h"

/* A schedule: how long an instruction takes, 2^shift ns, and how far the start of a case is moved
 * against the guest's round second. With it a case can be replayed. */
struct schedule {
	bool given; /* false: the scenario's own shifts, offset 0 */
	int shift;
	int64_t offset_ns;
	/* Not for scenarios that make their logins at several instants of a tick: what they look
	 * for is a race against it, which a slow processor does not lose. */
	bool spares_races;
};

/* A part of a plan; see shard.h. */
struct shard {
	unsigned index, count; /* from 1; count 0: the run is not in parts */
};

struct campaign {
	/* what to do; the caller's */
	struct lab *lab;
	struct candidate *candidates;
	size_t n_candidates;
	struct scenario **scenarios;
	size_t n_scenarios;
	bool *chosen;               /* of the scenarios; NULL: all */
	const char *const *entries; /* NULL-terminated */
	bool entries_chosen;        /* by name: variants of entries are then as good as others */
	bool full;                  /* every combination, not a selection that covers */
	/* Chooses among what is planned; NULL: everything. What is chosen so is not varied. */
	bool (*wanted)(const void *arg, const char *module, const struct scenario *s,
	               const char *entry);
	const void *wanted_arg;
	const struct stage *stage; /* for all that have none of their own; NULL: no */
	struct schedule schedule;
	unsigned repeat;
	int slots;
	bool strict;
	const char *only; /* id of the one case to report and count; NULL: all */
	bool known; /* a contract's known failures are expected, and a pass on the list is not */
	const struct known_list *known_list; /* the same for the user's own list; or NULL */
	struct shard shard;                  /* run only this part of the plan */
	const char *dir;
	const char *const *argv;           /* for the log */
	struct reporter *const *reporters; /* NULL-terminated */
	struct reporter *progress;         /* or NULL */

	/* what came of it */
	struct verdict_counts counts;
	char *last_digest; /* of the last case that was judged */
};

/* Runs it. Returns the exit status; if the campaign could not be run at all, sets *e. Interrupted:
 * the cases that were done are in the log, and the status is 128 + the signal. */
int campaign_run(struct campaign *c, struct err **e);

/* A case's id: MODULE/ENTRY/SCENARIO@IMAGE+KERNEL#SHIFT:OFFSET. The caller frees it. */
char *case_id(const struct lab *lab, const char *module, const char *entry, const char *scenario,
              int shift, int64_t offset_ns);

#endif
