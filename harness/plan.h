/* What a campaign comes down to: cases, and the guests that each of them needs. A guest that two
 * cases need (a control) is run once. */
#ifndef PAMLAB_PLAN_H
#define PAMLAB_PLAN_H

#include "campaign.h"
#include "runner.h"

/* A run together with what it is of; what run.owner points to. */
struct planned_run {
	struct run run;
	const struct candidate *candidate;
	const struct scenario *scenario;
	const char *entry; /* "outside" for that control */
	bool control;
};

struct test_case {
	char *id;
	const struct candidate *candidate;
	const struct scenario *scenario;
	const char *entry;
	int shift;
	int64_t offset_ns;
	unsigned repeat;                             /* 0 is the first */
	char *skip;                                  /* why it is not run; NULL: it is */
	struct planned_run *own, *outside, *without; /* a control that is not needed is NULL */
	bool judged;
};

struct plan {
	struct test_case *cases;
	size_t n_cases;
	struct planned_run **runs;
	size_t n_runs;
	struct stage_template **stages;
	size_t n_stages;
	struct candidate none; /* for the controls */
};

/* Lays it out. Fails (EXIT_USAGE) if nothing is left to do. */
int plan_make(const struct campaign *c, struct plan *plan, struct err **e);

void plan_free(struct plan *plan);

#endif
