/* pamlab compare and pamlab baseline. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cleanup.h"
#include "gate.h"
#include "verbs.h"

static const char compare_usage[] =
    "usage: pamlab compare [OPTION]... BASE NEW\n"
    "\n"
    "BASE and NEW are folders of results, event logs, or files that pamlab baseline wrote.\n"
    "\n"
    "      --max-cost [PHASE=]+P%   how much more total_ns, or a PHASE, may cost (default:\n"
    "                               " COST_LIMIT_DEFAULT
    "); may be repeated; none: costs are not judged\n"
    "      --wall-alpha P           chance of a false alarm from wall times (default: 0.001)\n"
    "      --known FILE             known failures, each with a reason and a day of expiry\n"
    "      --allow-missing          a case of BASE that NEW has not is no regression\n"
    "      --format NAME            text (default), json, github, markdown\n"
    "\n"
    "Exit status: 0 no regression, 1 a regression, 2 usage, or they cannot be compared.\n";

static const char baseline_usage[] =
    "usage: pamlab baseline RESULTS\n"
    "\n"
    "Prints a baseline of a finished run (its folder, or its event log), for pamlab compare and\n"
    "pamlab run --baseline.\n";

enum { OPT_MAX_COST = 256, OPT_ALPHA, OPT_KNOWN, OPT_MISSING, OPT_FORMAT, OPT_HELP };

static const struct option options[] = {
    {"max-cost", required_argument, NULL, OPT_MAX_COST},
    {"wall-alpha", required_argument, NULL, OPT_ALPHA},
    {"known", required_argument, NULL, OPT_KNOWN},
    {"allow-missing", no_argument, NULL, OPT_MISSING},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int take_option(int option, struct gate *g, struct err **e)
{
	switch (option) {
	case OPT_MAX_COST:
		return gate_max_cost(g, optarg, e);
	case OPT_ALPHA:
		return gate_wall_alpha(g, optarg, e);
	case OPT_KNOWN:
		return gate_known(g, optarg, e);
	case OPT_MISSING:
		g->rules.allow_missing = true;
		return 0;
	default:
		return gate_format(g, optarg, e);
	}
}

static int compare(int argc, char **argv, struct gate *g, struct err **e)
{
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(compare_usage, stdout);
			return EXIT_HOLDS;
		}
		if (option == ':')
			return err_usage(e, "%s needs a value: pamlab compare --help",
			                 argv[optind - 1]);
		if (option == '?')
			return err_usage(e, "no option \"%s\": pamlab compare --help",
			                 argv[optind - 1]);
		if (take_option(option, g, e) < 0)
			return -1;
	}
	if (argc - optind != 2)
		return err_usage(e, "compare takes two results: pamlab compare --help");
	return gate_compare(g, argv[optind], argv[optind + 1], stdout, e);
}

int cmd_compare(int argc, char **argv)
{
	struct err *e = NULL;
	struct gate g;
	int status;

	gate_init(&g);
	status = compare(argc, argv, &g, &e);
	gate_clear(&g);
	return status < 0 ? (int)err_report(&e) : status;
}

static int print_baseline(const char *path, struct err **e)
{
	cleanup_results struct results r = {0};
	cleanup_free char *text = NULL;

	if (results_read(path, &r, e) < 0)
		return -1;
	text = baseline_text(&r, e);
	if (!text)
		return -1;
	fputs(text, stdout);
	return EXIT_HOLDS;
}

int cmd_baseline(int argc, char **argv)
{
	struct err *e = NULL;
	int status;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(baseline_usage, stdout);
		status = EXIT_HOLDS;
	} else if (argc != 2 || argv[1][0] == '-') {
		status = err_usage(&e, "baseline takes the results of one run: pamlab baseline "
		                       "--help");
	} else {
		status = print_baseline(argv[1], &e);
	}
	return status < 0 ? (int)err_report(&e) : status;
}
