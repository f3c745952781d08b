/* What became of the cases of a run, read back: from a folder of results, an event log, or a
 * baseline file. What `pamlab compare` compares. */
#ifndef PAMLAB_RESULTS_H
#define PAMLAB_RESULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "eventlog.h"
#include "verdict.h"

/* Repetitions of a case are one case: that with the worst verdict, and the samples of all. */
struct result_case {
	char *id;
	char *name; /* MODULE/ENTRY/SCENARIO; part of id */
	enum verdict verdict;
	bool known;   /* the contract, or --known, lists it as failing */
	char *reason; /* what decided; NULL if that is not recorded */
	char *file;   /* where what was expected is written; NULL if that is not recorded */
	json_int_t line;
	char *run;    /* the login that it was judged by, which several cases may share */
	json_t *cost; /* object, never NULL: name of a phase -> ns, an integer */
	json_t
	    *samples; /* object, never NULL: name of a measure of wall time -> array of numbers */
};

struct results {
	char *path;       /* as it was named */
	json_t *identity; /* of the run: image, image_hash, kernel, kernel_hash, accel, ... */
	struct result_case *cases; /* sorted by id */
	size_t n_cases;
	bool baseline; /* read from a baseline file */
	/* of an event log: */
	struct eventlog_damage damage;
	bool ended, interrupted;
	json_int_t planned;
	json_t *bench; /* while it is read: what its `bench` lines say, by case */
};

/* Reads what is at `path`, whichever of the three it is. What cannot be used is EXIT_USAGE; a
 * damaged log can, and says so in *r. The caller clears *r, also after an error. */
int results_read(const char *path, struct results *r, struct err **e);

/* Reads an open event log; `path` is what it is called. */
int results_read_log(FILE *log, const char *path, struct results *r, struct err **e);

void results_clear(struct results *r);
#define cleanup_results __attribute__((cleanup(results_clear)))

/* By its id; NULL if there is none. */
const struct result_case *results_find(const struct results *r, const char *id);

/* For readers: adds a case with empty cost and samples, which is valid until the next is added.
 * results_sort folds repetitions and has to be called after the last. */
struct result_case *results_add(struct results *r, const char *id);
void results_sort(struct results *r);

/* For the reader of logs: takes a line of type `bench`; and makes cases of all that were taken. */
void results_take_bench(struct results *r, const json_t *line);
void results_fold_bench(struct results *r);

/* For both: integers of `from` that are no less than 0, into `into`. */
void results_take_costs(json_t *into, json_t *from);

/* The keys of a run line that say what a result is of, NULL at the end. */
extern const char *const identity_keys[];

/* What was wrong with the log, a sentence a string: damaged lines by number, a last line that is
 * cut off, no end, cases that are not there. An empty array if nothing was. */
json_t *results_flaws(const struct results *r);

#endif
