/* pamlab merge: one event log of the logs of a run's shards. */
#include <getopt.h>
#include <stdio.h>

#include "eventlog.h"
#include "merge.h"
#include "verbs.h"

static const char usage[] =
    "usage: pamlab merge -o DIR RESULTS...\n"
    "\n"
    "Joins the event logs that the shards of one run (pamlab run --shard I/N) have written, to\n"
    "DIR/" EVENTLOG_NAME ". All of them have to be there, each once, whole and finished.\n"
    "\n"
    "Exit status: 0 done, 2 usage, or they do not fit together. See pamlab(1).\n";

static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int merge(int argc, char **argv, struct err **e)
{
	const char *dir = NULL;
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(usage, stdout);
			return EXIT_HOLDS;
		case 'o':
			dir = optarg;
			break;
		case ':':
			return err_usage(e, "%s needs a value: pamlab merge --help",
			                 argv[optind - 1]);
		default:
			return err_usage(e, "no option \"%s\": pamlab merge --help",
			                 argv[optind - 1]);
		}
	}
	if (!dir)
		return err_usage(e, "say with -o where the log is to be written");
	if (optind == argc)
		return err_usage(e, "merge takes the results of all shards: pamlab merge --help");
	if (merge_logs(dir, argv + optind, argc - optind, e) < 0)
		return -1;
	fprintf(stderr, "results: %s/" EVENTLOG_NAME "\n", dir);
	return EXIT_HOLDS;
}

int cmd_merge(int argc, char **argv)
{
	struct err *e = NULL;
	int status = merge(argc, argv, &e);

	return status < 0 ? (int)err_report(&e) : status;
}
