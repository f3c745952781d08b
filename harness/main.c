/* The verbs, and the way to them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "err.h"
#include "printable.h"
#include "reporter.h"
#include "suggest.h"
#include "verbs.h"

static int cmd_version(int argc, char **argv);
static int cmd_help(int argc, char **argv);

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *line; /* for the help */
} verbs[] = {
    {"run", cmd_run, "run scenarios on modules and judge them"},
    {"audit", cmd_audit, "run all bundled modules and compare with their known failures"},
    {"mutants", cmd_mutants, "are broken modules caught, and by what? The matrix"},
    {"lint", cmd_lint, "PAM stacks that are open by their configuration"},
    {"list", cmd_list, "scenarios, entries, modules, images, kernels, promises, catalogue"},
    {"show", cmd_show, "what a scenario asserts, why, and its sources"},
    {"repro", cmd_repro, "run one case again and compare its digest"},
    {"report", cmd_report, "JUnit, SARIF, HTML and other reports of an event log"},
    {"compare", cmd_compare, "compare two results, or results with a baseline: a gate"},
    {"baseline", cmd_baseline, "make a baseline file of a run"},
    {"merge", cmd_merge, "join the event logs of the shards of a run"},
    {"shell", cmd_shell, "a login in a VM on this terminal"},
    {"image", cmd_image, "build, list and remove images and kernels"},
    {"bench", cmd_bench, "what a login costs with a module, and without"},
    {"bench-lab", cmd_bench_lab, "what the lab itself costs"},
    {"doctor", cmd_doctor, "what this machine has and lacks"},
    {"version", cmd_version, "print the version"},
    {"help", cmd_help, "print this"},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

static void print_help(FILE *out)
{
	fputs("pamlab - audits PAM session modules that isolate logins, each case in a new VM\n\n"
	      "usage: pamlab VERB [OPTION]... [ARGUMENT]...\n\n",
	      out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].line);
	fputs("\nOptions of each verb, exit statuses and examples: pamlab(1)\n", out);
}

/* What was printed must have arrived: `pamlab help >/dev/full` is no success. */
static int finish_output(int status)
{
	struct err *e = NULL;

	if (status != EXIT_HOLDS && status != EXIT_BROKEN)
		return status;
	return report_flush(stdout, &e) < 0 ? (int)err_report(&e) : status;
}

static int cmd_version(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("pamlab " PAMLAB_VERSION);
	return EXIT_HOLDS;
}

static int cmd_help(int argc, char **argv)
{
	(void)argc, (void)argv;
	print_help(stdout);
	return EXIT_HOLDS;
}

static int refuse_verb(const char *word)
{
	const char *names[VERB_COUNT + 1] = {NULL}, *near;
	cleanup_free char *shown = printable(word, strlen(word), NULL);
	struct err *e = NULL;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	near = suggest(word, names);
	if (near)
		err_usage(&e, "no verb %s; did you mean %s?", shown, near);
	else
		err_usage(&e, "no verb %s; pamlab help lists them", shown);
	return err_report(&e);
}

static int act(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return cmd_version(argc - 1, argv + 1);
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return refuse_verb(argv[1]);
}

int main(int argc, char **argv)
{
	/* A run goes on without a reader, and is judged; a list just ends (report_flush). */
	signal(SIGPIPE, SIG_IGN);
	return finish_output(act(argc, argv));
}
