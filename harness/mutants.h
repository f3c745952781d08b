/* Do the scenarios bite? Fixtures x scenarios, from the lines of an event log: each fixture has to
 * be caught by the scenario that it names, each scenario has to trip on a fixture, and modules that
 * are right on none. Pure: nothing is run here. */
#ifndef PAMLAB_MUTANTS_H
#define PAMLAB_MUTANTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "fixture.h"
#include "scenario.h"

/* A scenario that no module can break, and why: scenarios/unbreakable.yaml. */
struct unbreakable {
	char *scenario, *reason;
};

/* What the matrix is made of. Borrowed. */
struct mutants {
	struct fixture *const *fixtures;
	size_t n_fixtures;
	struct scenario *const *scenarios;
	size_t n_scenarios;
	const struct unbreakable *unbreakable;
	size_t n_unbreakable;
	bool named_only; /* only what the fixtures name */
};

/* The entry by which a scenario is run on all fixtures: the first of the table that it has. */
const char *mutants_entry(const struct scenario *s);

/* Does this belong to the matrix? module is as in case ids: a fixture, or a module that is right.
 */
bool mutants_wants(const struct mutants *m, const char *module, const struct scenario *s,
                   const char *entry);

/* What fixtures name has to be a scenario; else EXIT_USAGE. */
int mutants_check_names(const struct mutants *m, struct err **e);

/* Names of the scenarios, of scope must and mask, that were skipped on every module, because they
 * are for another kernel. A new list. */
json_t *mutants_skipped(const struct mutants *m, const json_t *cases);

/* What is wrong with the matrix; each is a list of texts. */
struct mutants_result {
	json_t *uncaught;     /* "FIXTURE: SCENARIO@ENTRY says VERDICT" */
	json_t *false_alarms; /* ids of cases of modules that are right and were judged otherwise */
	json_t *holes;        /* scenarios that trip on no fixture by what they expect */
	json_t *outdated;     /* scenarios that are said to be unbreakable, and are not */
	json_t *undecided;    /* ids of cases that could not be decided, and were needed */
};

/* Judges. `cases` is an array of case lines (docs/event-log.md). With whole == false only a part of
 * the matrix was run: then scenarios that did not trip are no holes. */
void mutants_judge(const struct mutants *m, const json_t *cases, bool whole,
                   struct mutants_result *out);
void mutants_result_clear(struct mutants_result *r);

/* EXIT_HOLDS, EXIT_BROKEN if anything is wrong, EXIT_LAB if only something is undecided. */
enum exit_status mutants_exit(const struct mutants_result *r);

/* Loads scenarios/unbreakable.yaml. The caller frees with unbreakable_free. */
int unbreakable_load(const char *path, struct unbreakable **list, size_t *n, struct err **e);
void unbreakable_free(struct unbreakable *list, size_t n);

/* Was the case line caught: the property found broken? */
bool mutants_tripped(const json_t *line);

#endif
