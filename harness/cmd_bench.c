/* pamlab bench: what a login costs with a module, and without. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "cleanup.h"
#include "paths.h"
#include "reporter.h"
#include "run_options.h"
#include "stop.h"
#include "text.h"
#include "verbs.h"

#define LOGINS       200
#define QUICK_LOGINS 4
#define SEED         1

static const char usage[] =
    "usage: pamlab bench [OPTION]...\n"
    "       pamlab bench --from DIR [-o DIR]\n"
    "\n"
    "  -m, --module MODULE     a path to a .so, a bundled module, or one of the image's (default:\n"
    "                          all bundled ones); none, pam_basic and pam_namespace are always\n"
    "                          measured beside them\n"
    "      --args STRING       the modules' arguments in the PAM stack\n"
    "      --contract FILE     read, and not judged here\n"
    "  -e, --entry NAME,...    ways in (default: all but variants); growth is measured through the "
    "first\n"
    "      --parts NAME,...    exact, growth, wall (default: all three)\n"
    "      --logins N          how many are timed by the host's clock (default: 200)\n"
    "      --seed N            for the order of these, and the intervals (default: 1)\n"
    "      --quick             4 of these, the smallest host of each kind, without pam_namespace\n"
    "      --image NAME, --kernel NAME, --accel NAME, -j, --jobs N: as for run\n"
    "  -o, --output DIR        event log, tables, plots (default: results/DATE-TIME-PID)\n"
    "      --from DIR          make tables and plots from the log that is there, and run nothing\n"
    "\n"
    "Exit status: 0 measured, 2 usage, 3 the lab failed, or the same login did not cost the same\n"
    "each time. docs/costs.md says how to read what it prints.\n";

enum { OPT_PARTS = OPT_OWN, OPT_LOGINS, OPT_SEED, OPT_QUICK, OPT_FROM };

static const struct option options[] = {
    OPTIONS_SUBJECT,
    {"parts", required_argument, NULL, OPT_PARTS},
    {"logins", required_argument, NULL, OPT_LOGINS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"quick", no_argument, NULL, OPT_QUICK},
    {"output", required_argument, NULL, 'o'},
    {"from", required_argument, NULL, OPT_FROM},
    {NULL, 0, NULL, 0},
};

static int parse_parts(const char *text, unsigned *parts, struct err **e)
{
	static const struct {
		const char *name;
		unsigned part;
	} names[] = {{"exact", BENCH_EXACT}, {"growth", BENCH_GROWTH}, {"wall", BENCH_WALL}};
	cleanup_free char *copy = strdup(text);
	char *save = NULL;

	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		unsigned before = *parts;

		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (!strcmp(names[i].name, w))
				*parts |= names[i].part;
		if (*parts == before)
			return err_usage(e, "no part \"%s\", or named twice: exact, growth or wall",
			                 w);
	}
	return *parts ? 0 : err_usage(e, "--parts names none: exact, growth or wall");
}

static int take_option(int option, struct bench_options *o, struct err **e)
{
	switch (option) {
	case OPT_PARTS:
		return parse_parts(optarg, &o->parts, e);
	case OPT_LOGINS:
		return options_number("--logins", optarg, 2, 100000, &o->logins, e);
	case OPT_SEED:
		return options_number("--seed", optarg, 0, 1000000000, &o->seed, e);
	case OPT_QUICK:
		o->quick = true;
		return 0;
	case OPT_FROM:
		o->from = optarg;
		return 0;
	case 'o':
		o->dir = optarg;
		return 0;
	default:
		return subject_take(option, &o->subject, e);
	}
}

/* 1: help was asked for and printed. */
static int parse(int argc, char **argv, struct bench_options *o, struct err **e)
{
	int option;

	*o = (struct bench_options){.seed = SEED, .argv = (const char *const *)argv};
	subject_init(&o->subject);
	options_begin();
	while ((option = options_next(argc, argv, ":m:e:j:o:", options, e)) != -1) {
		if (option == OPT_HELP) {
			fputs(usage, stdout);
			return 1;
		}
		if (option < 0 || take_option(option, o, e) < 0)
			return -1;
	}
	if (optind < argc)
		return err_usage(e, "bench takes options only, not \"%s\"", argv[optind]);
	if (!o->parts)
		o->parts = BENCH_ALL;
	if (!o->logins)
		o->logins = o->quick ? QUICK_LOGINS : LOGINS;
	return 0;
}

static int show(const char *from, const char *dir, struct err **e)
{
	cleanup_json json_t *result = bench_derive(from, e);
	cleanup_free char *text = NULL, *path = NULL, *table = NULL;
	size_t len;
	FILE *out;
	int drawn;

	if (!result || make_dirs(dir, e) < 0)
		return -1;
	text = json_dumps(result, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
	path = text_format("%s/bench.json", dir);
	if (write_file(path, text, strlen(text), e) < 0)
		return -1;
	free(path);
	path = text_format("%s/bench.txt", dir);
	out = open_memstream(&table, &len);
	if (!out)
		abort();
	bench_table(out, result);
	fclose(out);
	if (write_file(path, table, len, e) < 0)
		return -1;
	fputs(table, stdout);
	drawn = bench_plot(dir, result, e);
	if (drawn < 0 || report_flush(stdout, e) < 0)
		return -1;
	if (drawn > 0)
		fputs("no plots: gnuplot is not installed (apt-get install gnuplot-nox); then "
		      "`pamlab "
		      "bench --from` draws them\n",
		      stderr);
	fprintf(stderr, "results: %s/bench.txt, bench.json, plots/\n", dir);
	return 0;
}

static int run(const struct bench_options *o, struct err **e)
{
	cleanup_free char *dir = options_results_dir(o->dir);
	int status = bench_run(o, dir, e);

	return status >= 0 && show(dir, dir, e) < 0 ? -1 : status;
}

int cmd_bench(int argc, char **argv)
{
	struct bench_options o;
	struct err *e = NULL;
	int status;

	stop_install();
	status = parse(argc, argv, &o, &e);
	if (status == 1)
		status = EXIT_HOLDS;
	else if (status == 0 && o.from)
		status = show(o.from, o.dir ? o.dir : o.from, &e);
	else if (status == 0)
		status = run(&o, &e);
	subject_free(&o.subject);
	if (status < 0 && !e && stop_requested())
		return stop_status();
	return status < 0 ? (int)err_report(&e) : status;
}
