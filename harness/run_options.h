/* The options that run and audit share, and the campaign that comes of them. */
#ifndef PAMLAB_RUN_OPTIONS_H
#define PAMLAB_RUN_OPTIONS_H

#include "campaign.h"
#include "err.h"
#include "gate.h"
#include "options.h"
#include "report_file.h"

struct run_options {
	struct subject subject; /* no entries: all */
	unsigned repeat;
	struct schedule schedule;
	struct stage stage; /* if stage_given: for all that have none of their own */
	bool stage_given;
	bool strict, known, full;
	struct shard shard;
	struct gate gate;
	const struct report_format *format; /* on standard output; NULL: none was named */
	struct report_file *reports;        /* and to files */
	size_t n_reports;
	const char *dir;
	char *const *scenarios; /* patterns; the rest of the command line */
	size_t n_scenarios;
	unsigned scopes; /* those of other scopes are left out; 0: none is */
	const char *const *argv;
	const char *only; /* id of the one case to report; NULL: all */
	bool (*wanted)(const void *arg, const char *module, const struct scenario *s,
	               const char *entry); /* as in struct campaign */
	const void *wanted_arg;
	bool no_report; /* progress only: the caller reports from the log */
	bool quiet;     /* no reporter and no progress: the caller looks at the log itself */
};

/* Reads a command line. Returns 0; 1 if help was asked for and printed; < 0 with an EXIT_USAGE
 * error. */
int run_options_parse(int argc, char **argv, struct run_options *o, struct err **e);
void run_options_free(struct run_options *o);

/* The whole of a verb that takes run's options: takes "--log FILE" out of the arguments if it
 * takes_log, reads the rest, acts, and says what went wrong. `usage` (NULL: run's) is printed for
 * --help. Returns the exit status. */
struct run_verb {
	const char *usage;
	bool takes_log;
	int (*act)(struct run_options *o, const char *log, void *arg, struct err **e);
	void *arg;
};
int run_verb(int argc, char **argv, const struct run_verb *verb);

/* Runs what the options say: opens the lab, the modules and the scenarios, and the campaign's
 * directory. Returns the exit status, < 0 with an error. *digest (may be NULL) gets the digest of
 * the last case, to be freed. */
int run_campaign(const struct run_options *o, char **digest, struct err **e);

/* The folder of a run's results: the given one, or results/DATE-TIME-PID. The caller frees it. */
char *options_results_dir(const char *given);

/* "3:1500" -> shift 3, offset 1500 ns. */
int schedule_parse(const char *text, struct schedule *s, struct err **e);

#endif
