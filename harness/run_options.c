#include "run_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "shard.h"
#include "stop.h"

static const char usage[] =
    "usage: pamlab %s [OPTION]... [SCENARIO...]\n"
    "\n"
    "  -m, --module MODULE     a path to a .so, a bundled module, one of the image's, or none\n"
    "      --args STRING       the module's arguments in the PAM stack\n"
    "      --contract FILE     what the module promises (default: everything)\n"
    "  -e, --entry NAME,...    ways in: pamlab list entries (default: all)\n"
    "      --scope NAME,...    only scenarios of these scopes: must, mask, info\n"
    "      --image NAME        root file system (default: debian12)\n"
    "      --kernel NAME       6.1 (default), 6.12, minimal, or the path of a bzImage\n"
    "      --accel NAME        auto (default), tcg, kvm\n"
    "  -j, --jobs N            guests at a time (default: one for each processor)\n"
    "      --repeat N          run each case N times; their digests have to be the same\n"
    "      --schedule S:O      2^S ns an instruction, start O ns later (default: the scenario's)\n"
    "      --stage WORD,...    shared, a position, a set-up: pamlab list stages (default: the\n"
    "                          scenario's)\n"
    "      --strict            a warning is a failure\n"
    "      --full              every combination of entry and stage, not a selection that covers\n"
    "                          each pair of them\n"
    "      --known-failures    expect what the contract lists as known to fail, and nothing else\n"
    "      --known FILE        expect these failures, each with a reason and a day of expiry\n"
    "      --baseline FILE     compare with these results; that makes the exit status 0 or 1\n"
    "      --max-cost [X=]+P%% how much more a login may cost than there (pamlab compare --help)\n"
    "      --wall-alpha P      chance of a false alarm from wall times\n"
    "      --allow-missing     the baseline may have cases that are not run\n"
    "      --shard I/N         run the I-th of N parts (pamlab merge joins their logs)\n"
    "      --format NAME       ktap (default), json, table, junit, sarif, github, html\n"
    "      --report NAME=FILE  the same to a file, as often as you like\n"
    "  -o, --output DIR        event log and consoles (default: results/DATE-TIME-PID)\n"
    "\n"
    "SCENARIO is a name, a pattern or a group: pamlab list. Exit status: 0 all hold, 1 a property\n"
    "is broken, 2 usage, 3 error or inconclusive. See pamlab(1).\n";

enum {
	OPT_REPEAT = OPT_OWN,
	OPT_SCHEDULE,
	OPT_STAGE,
	OPT_SCOPE,
	OPT_STRICT,
	OPT_FULL,
	OPT_KNOWN,
	OPT_KNOWN_LIST,
	OPT_BASELINE,
	OPT_MAX_COST,
	OPT_WALL_ALPHA,
	OPT_ALLOW_MISSING,
	OPT_SHARD,
	OPT_FORMAT,
	OPT_REPORT,
};

static const struct option options[] = {
    OPTIONS_SUBJECT,
    {"repeat", required_argument, NULL, OPT_REPEAT},
    {"schedule", required_argument, NULL, OPT_SCHEDULE},
    {"stage", required_argument, NULL, OPT_STAGE},
    {"scope", required_argument, NULL, OPT_SCOPE},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"full", no_argument, NULL, OPT_FULL},
    {"known-failures", no_argument, NULL, OPT_KNOWN},
    {"known", required_argument, NULL, OPT_KNOWN_LIST},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"max-cost", required_argument, NULL, OPT_MAX_COST},
    {"wall-alpha", required_argument, NULL, OPT_WALL_ALPHA},
    {"allow-missing", no_argument, NULL, OPT_ALLOW_MISSING},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"report", required_argument, NULL, OPT_REPORT},
    {"output", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

int schedule_parse(const char *text, struct schedule *s, struct err **e)
{
	long long offset;
	char rest;
	int shift;

	if (sscanf(text, "%d:%lld%c", &shift, &offset, &rest) != 2 || shift < 0 || shift > 10 ||
	    offset < 0 || offset > 1000000000)
		return err_usage(e,
		                 "a schedule is SHIFT:OFFSET with a shift from 0 to 10 and an "
		                 "offset from 0 to 1000000000 ns, not \"%s\"",
		                 text);
	*s = (struct schedule){.given = true, .shift = shift, .offset_ns = offset};
	return 0;
}

static int add_report(const char *text, struct run_options *o, struct err **e)
{
	o->reports = realloc(o->reports, (o->n_reports + 1) * sizeof(*o->reports));
	if (!o->reports)
		abort();
	if (report_file_parse(text, &o->reports[o->n_reports], e) < 0)
		return -1;
	o->n_reports++;
	return 0;
}

static int take_option(int option, struct run_options *o, struct err **e)
{
	switch (option) {
	case OPT_REPEAT:
		return options_number("--repeat", optarg, 1, 100000, &o->repeat, e);
	case OPT_SCHEDULE:
		return schedule_parse(optarg, &o->schedule, e);
	case OPT_STAGE:
		stage_clear(&o->stage);
		o->stage_given = true;
		return stage_parse(optarg, &o->stage, e);
	case OPT_SCOPE:
		return scopes_parse(optarg, &o->scopes, e);
	case OPT_STRICT:
		o->strict = true;
		return 0;
	case OPT_FULL:
		o->full = true;
		return 0;
	case OPT_KNOWN:
		o->known = true;
		return 0;
	case OPT_KNOWN_LIST:
		return gate_known(&o->gate, optarg, e);
	case OPT_BASELINE:
		o->gate.baseline = optarg;
		return 0;
	case OPT_MAX_COST:
		return gate_max_cost(&o->gate, optarg, e);
	case OPT_WALL_ALPHA:
		return gate_wall_alpha(&o->gate, optarg, e);
	case OPT_ALLOW_MISSING:
		o->gate.rules.allow_missing = true;
		return 0;
	case OPT_SHARD:
		return shard_parse(optarg, &o->shard, e);
	case OPT_FORMAT:
		o->format = report_format(optarg, e);
		return o->format ? 0 : -1;
	case OPT_REPORT:
		return add_report(optarg, o, e);
	case 'o':
		o->dir = optarg;
		return 0;
	default:
		return subject_take(option, &o->subject, e);
	}
}

int run_options_parse(int argc, char **argv, struct run_options *o, struct err **e)
{
	int option;

	memset(o, 0, sizeof(*o));
	subject_init(&o->subject);
	gate_init(&o->gate);
	o->repeat = 1;
	o->argv = (const char *const *)argv;
	options_begin();
	while ((option = options_next(argc, argv, ":m:e:j:o:", options, e)) != -1) {
		if (option == OPT_HELP) {
			printf(usage, argv[0]);
			return 1;
		}
		if (option < 0 || take_option(option, o, e) < 0)
			return -1;
	}
	o->scenarios = argv + optind;
	o->n_scenarios = argc - optind;
	return 0;
}

void run_options_free(struct run_options *o)
{
	subject_free(&o->subject);
	stage_clear(&o->stage);
	free(o->reports);
	gate_clear(&o->gate);
	memset(o, 0, sizeof(*o));
}

/* Takes "--log FILE" out of the arguments. */
static const char *take_log(int *argc, char **argv)
{
	const char *log = NULL;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (!strncmp(argv[i], "--log=", 6))
			log = argv[i] + 6;
		else if (!strcmp(argv[i], "--log") && i + 1 < *argc)
			log = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return log;
}

int run_verb(int argc, char **argv, const struct run_verb *verb)
{
	struct run_options o;
	struct err *e = NULL;
	const char *log;
	int status;

	for (int i = 1; verb->usage && i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(verb->usage, stdout);
			return EXIT_HOLDS;
		}
	}
	stop_install();
	log = verb->takes_log ? take_log(&argc, argv) : NULL;
	status = run_options_parse(argc, argv, &o, &e);
	if (status == 0)
		status = verb->act(&o, log, verb->arg, &e);
	else if (status == 1)
		status = EXIT_HOLDS;
	run_options_free(&o);
	return status < 0 ? (int)err_report(&e) : status;
}
