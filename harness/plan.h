/* What a campaign comes down to: cases, and the guests that each of them needs. A guest that two
 * cases need (a control) is run once. */
#ifndef PAMLAB_PLAN_H
#define PAMLAB_PLAN_H

#include "campaign.h"
#include "runner.h"

/* A run together with what it is of; what run.owner points to. Scenarios that can share a login
 * (job.h) share the run. */
struct planned_run {
	struct run run;
	const struct candidate *candidate;
	const struct scenario **scenarios;
	size_t n_scenarios;
	const struct stage *stage; /* of each of them */
	char *share_key;           /* likewise: the stage, and what job_share_key says */
	bool varied;
	const char *entry; /* "outside" for that control */
	int64_t offset_ns;
	unsigned repeat;
	bool control;
};

/* A control of a case: a run of this campaign or, if an earlier one has kept it, what was seen. */
struct case_control {
	struct planned_run *run; /* NULL: not needed, or kept */
	json_t *kept;
};

struct test_case {
	char *id;
	const struct candidate *candidate;
	const struct scenario *scenario;
	const char *entry;
	const struct stage *stage; /* the scenario's, or one that it is varied by: */
	bool varied;               /* then the id says which */
	int shift;
	int64_t offset_ns;
	unsigned repeat;         /* 0 is the first */
	char *skip;              /* why it is not run; NULL: it is */
	struct planned_run *own; /* NULL if it is skipped */
	struct case_control outside, without;
	bool judged;
};

struct plan {
	struct test_case *cases;
	size_t n_cases;
	struct planned_run **runs;
	size_t n_runs;
	struct stage_template **stages;
	size_t n_stages;
	struct stage **variations;
	size_t n_variations;
	size_t possible;       /* combinations that the variations are a selection of */
	struct candidate none; /* for the controls */
	const struct lab *lab;
};

/* Lays it out. Fails (EXIT_USAGE) if nothing is left to do. */
int plan_make(const struct campaign *c, struct plan *plan, struct err **e);

/* A control that need not be run: the scenario leaves that run, which may then have none. */
void plan_leave(struct planned_run *r, const struct scenario *s);

/* Writes the jobs of all runs that have a scenario: nothing is shared from here on. */
int plan_write_jobs(struct plan *plan, struct err **e);

/* A run of its own, with its job, for a case whose shared run did not show what it looks at. */
struct planned_run *plan_alone(struct plan *plan, struct test_case *t);

void plan_free(struct plan *plan);

#endif
