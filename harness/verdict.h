/* From observations to a verdict. Pure: nothing is run here. */
#ifndef PAMLAB_VERDICT_H
#define PAMLAB_VERDICT_H

#include <jansson.h>
#include <stdbool.h>

#include "contract.h"
#include "err.h"
#include "scenario.h"

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_WARN,         /* broken, of scope mask, not strict */
	VERDICT_INFO,         /* reported only */
	VERDICT_SKIP,         /* not promised: never run */
	VERDICT_INCONCLUSIVE, /* a control did not hold: the probe proves nothing */
	VERDICT_ERROR,        /* the lab's own failure */
	VERDICT_COUNT
};

/* "pass", "fail", ... */
extern const char *const verdict_names[VERDICT_COUNT];

/* How the run of a case went. */
enum run_status {
	RUN_DONE,
	RUN_SKIPPED,      /* on purpose; text is the reason */
	RUN_DEADLINE,     /* the guest's virtual deadline passed: the login hung */
	RUN_GUEST_DIED,   /* the guest's kernel panicked or hung */
	RUN_GUEST_BROKEN, /* the agent in the guest could not go on, and can without the module */
	RUN_ERROR,        /* the lab could not do its part */
};
struct run_outcome {
	enum run_status status;
	const char *text; /* what happened, unless RUN_DONE */
};

struct judgement {
	enum verdict verdict;
	bool known;     /* a known failure of the contract covers the case (verdict_apply_known) */
	char *observed; /* NULL if there is nothing to say */
	char *expected;
	char *because;    /* why it is expected */
	char *reason;     /* one sentence: what decided. NULL only for a plain pass */
	unsigned line;    /* of the expectation that decided; 0 if none did */
	json_t *evidence; /* array of {that, observed, expected, holds: true|false|null, line} and,
	                   * of a control, "control": "outside" | "without-module" */
};

/* Why the scenario is not judged for a module with this contract; NULL if it is. The caller frees
 * it. */
char *verdict_skip_reason(const struct scenario *s, const struct contract *c);

/* Decides. The three objects map names to values: of the case itself, of the control outside any
 * login, of the control without the module; NULL if that was not run. In this order: a lab failure
 * is an error; what is not promised is skipped; a control that does not hold makes the case
 * inconclusive; from there on everything is the module's doing. The caller frees *out with
 * judgement_clear. */
void verdict_decide(const struct scenario *s, const struct contract *c, const json_t *observations,
                    const json_t *outside, const json_t *without_module,
                    const struct run_outcome *run, bool strict, struct judgement *out);

void judgement_clear(struct judgement *j);

/* For runs that know what is broken: marks a case that the contract's list covers. A failure on the
 * list is expected; a pass on it is not (see verdict_count), unless it fails sometimes only. */
void verdict_apply_known(const struct contract *c, const char *entry, const char *scenario,
                         struct judgement *j);

struct verdict_counts {
	unsigned of[VERDICT_COUNT]; /* without the two below */
	unsigned known_failures;
	unsigned unexpected_passes;
};
void verdict_count(struct verdict_counts *counts, const struct judgement *j);

/* A broken property is the answer that the user needs, so it comes before everything that could not
 * be decided; a known failure that passes is an outdated list, and broken too. */
enum exit_status verdict_exit(const struct verdict_counts *counts);

#endif
