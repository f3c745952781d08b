/* pamlab report: a report of one or several event logs. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "log_merge.h"
#include "paths.h"
#include "verbs.h"

static const char usage[] =
    "usage: pamlab report [--format NAME] [-o FILE] DIR|LOG...\n"
    "\n"
    "Makes a report of event logs, or of those in result folders. Of a log that is damaged or not\n"
    "complete each whole line is used, and the rest is named, there and on standard error.\n"
    "\n"
    "      --format NAME   of these, table by default:\n";

struct options {
	const struct report_format *format;
	const char *file; /* NULL: standard output */
	char **logs;
	size_t n_logs;
};

static void print_usage(void)
{
	fputs(usage, stdout);
	for (const struct report_format *f = report_formats; f->name; f++)
		printf("                        %-6s %s\n", f->name, f->about);
	fputs("  -o, --output FILE   write it there, whole or not at all\n\n"
	      "Exit status: 0 the report was written, 2 usage, 3 it could not be written.\n",
	      stdout);
}

/* 1: help was asked for. */
static int parse(int argc, char **argv, struct options *o, struct err **e)
{
	enum { OPT_FORMAT = 256, OPT_HELP };
	static const struct option options[] = {
	    {"format", required_argument, NULL, OPT_FORMAT},
	    {"output", required_argument, NULL, 'o'},
	    {"help", no_argument, NULL, OPT_HELP},
	    {NULL, 0, NULL, 0},
	};
	int option;

	o->format = report_format("table", e);
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		switch (option) {
		case OPT_FORMAT:
			o->format = report_format(optarg, e);
			if (!o->format)
				return -1;
			break;
		case 'o':
			o->file = optarg;
			break;
		case OPT_HELP:
			return 1;
		default:
			return err_usage(e, "%s \"%s\": pamlab report --help",
			                 option == ':' ? "no value for" : "no option",
			                 argv[optind - 1]);
		}
	}
	o->logs = argv + optind;
	o->n_logs = argc - optind;
	if (!o->n_logs)
		return err_usage(e, "report takes event logs or result folders: "
		                    "pamlab report --help");
	return 0;
}

static int write_report(const struct options *o, const struct logs *logs, struct err **e)
{
	cleanup_free char *text = NULL;
	struct reporter *r;
	size_t size = 0;
	FILE *out = o->file ? open_memstream(&text, &size) : stdout;
	int done;

	if (!out)
		abort();
	r = o->format->make(out);
	done = logs_report(logs, r, e);
	reporter_free(&r);
	if (!o->file)
		return done;
	fclose(out);
	return done < 0 ? done : write_file(o->file, text, size, e);
}

static int report(const struct options *o, struct err **e)
{
	struct logs logs;
	json_t *note;
	int done = 0;
	size_t i;

	logs_init(&logs);
	for (i = 0; done == 0 && i < o->n_logs; i++)
		done = logs_add(&logs, o->logs[i], e);
	if (done == 0) {
		json_array_foreach(logs.notes, i, note)
		    fprintf(stderr, "pamlab: %s\n", json_string_value(note));
		done = write_report(o, &logs, e);
	}
	logs_free(&logs);
	return done;
}

int cmd_report(int argc, char **argv)
{
	struct options o = {0};
	struct err *e = NULL;
	int status = parse(argc, argv, &o, &e);

	if (status == 1) {
		print_usage();
		return EXIT_HOLDS;
	}
	if (status == 0)
		status = report(&o, &e);
	return status < 0 ? (int)err_report(&e) : EXIT_HOLDS;
}
