/* pamlab bench: what a login costs. The parts of a run write the event log; all that is shown of it
 * is made from the log alone. */
#ifndef PAMLAB_BENCH_H
#define PAMLAB_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "candidate.h"
#include "eventlog.h"
#include "lab.h"
#include "options.h"
#include "stageset.h"

#define BENCH_SCENARIO "bench" /* in ids, where a case has its scenario */
#define BENCH_RUNS     3       /* of the same login, in clones of the same template */

enum bench_part { BENCH_EXACT = 1, BENCH_GROWTH = 2, BENCH_WALL = 4, BENCH_ALL = 7 };

struct bench_options {
	struct subject subject; /* no entries: all that are no variants */
	unsigned logins, seed;
	unsigned parts; /* of enum bench_part; 0: all */
	bool quick;
	const char *dir, *from;
	const char *const *argv;
};

struct bench_module {
	struct candidate candidate;
	struct stage_template stage;
	json_t *marked; /* the PAM files with markers: the `files` of a job */
};

struct bench {
	const struct bench_options *o;
	const char *const *entries;
	struct lab lab;
	struct bench_module *modules; /* none is the first, pam_basic the second */
	size_t n_modules, n_always;
	struct eventlog *log;
	const char *dir;
	struct err *log_error; /* the first */
	size_t done, planned;  /* guests of the part that runs */
	unsigned lab_failures;
};

/* Runs what the options say and writes DIR/events.jsonl. Returns the exit status; < 0 with an
 * error, or without one if the program was asked to stop. */
int bench_run(const struct bench_options *o, const char *dir, struct err **e);

/* Each returns < 0 with an error if it could not be run, or without one if the program was asked to
 * stop. What a module does to a login is no error, but in the log. */
int bench_exact(struct bench *b, struct err **e); /* three runs of each login, and growth */
int bench_wall(struct bench *b, struct err **e);  /* many logins, by the host's clock */

/* Writes a line, and keeps the error for the end. */
void bench_log(struct bench *b, json_t *line); /* takes the reference */

/* How much longer than others a login through the entry may take, for the agent. */
void bench_add_patience(json_t *job, const char *entry);

/* A line on standard error, redrawn in place, if that is a terminal. */
void bench_progress(const struct bench *b, size_t done, size_t of, const char *what);

/* A login's cost from what the agent observed of it (bench.login): enter_ns, leave_ns, total_ns,
 * window_ns, idle_ns, busy_ns, as far as they are known, without what markers took (but for the
 * window); with `marked`, phases and markers_ns too. New reference. */
json_t *bench_cost(const json_t *login, bool marked);

/* --- made from the log --- */

/* Reads a log (a file, or a folder with one) and works out what docs/costs.md describes: an object
 * with `modules`, `entries`, `logins`, `growth`, `memory`, `wall`, `correlation`. NULL on error. */
json_t *bench_derive(const char *path, struct err **e);

/* The `case` lines that sum up each module through each entry, in an array; made from the same. */
json_t *bench_cases(const json_t *result);

/* Tables for people. */
void bench_table(FILE *out, const json_t *result);

/* Writes DIR/plots/: data, and SVG and PNG by gnuplot. Without gnuplot: 1, and nothing is drawn. */
int bench_plot(const char *dir, const json_t *result, struct err **e);

#endif
