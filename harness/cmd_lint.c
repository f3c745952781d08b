/* pamlab lint: PAM stacks that are open by their configuration. */
#include <getopt.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "pamlint.h"
#include "printable.h"
#include "verbs.h"

static const char usage[] =
    "usage: pamlab lint [-m MODULE.so]... [FILE|DIR]...\n"
    "\n"
    "Reads PAM stacks and says how a session can be opened although the module that should "
    "isolate\n"
    "it has failed or was never run: a control that ignores its failure, a line before it that "
    "ends\n"
    "the stack or jumps over it, a service without it. Nothing is loaded or changed.\n"
    "\n"
    "  -m, --module NAME   file name of a module that isolates (default: pam_pidns.so)\n"
    "\n"
    "Without a FILE or DIR: /etc/pam.d. Exit status: 0 nothing was found, 1 something was, 2 "
    "usage.\n";

enum { MOST_MODULES = 16 };

struct lint {
	const char *modules[MOST_MODULES + 1];
	size_t n_modules;
	json_t *findings;
};

static int lint_folder(struct lint *l, const char *dir, struct err **e)
{
	cleanup_json json_t *services = pamlint_services(dir, e), *without = json_array();
	json_t *service;
	bool any = false;
	size_t i;

	if (!services)
		return -1;
	json_array_foreach(services, i, service)
	{
		enum pamlint_kind kind;

		if (pamlint_service(dir, json_string_value(service), l->modules, l->findings, &kind,
		                    e) < 0)
			return -1;
		any |= kind == PAMLINT_WITH;
		if (kind == PAMLINT_WITHOUT)
			json_array_append(without, service);
	}
	if (!any)
		return err_usage(e,
		                 "%s: no service has %s in its session stack: name yours with -m",
		                 dir, l->modules[0]);
	json_array_foreach(without, i, service) json_array_append_new(
	    l->findings, json_sprintf("%s/%s: its sessions are not isolated: no %s", dir,
	                              json_string_value(service), l->modules[0]));
	return 0;
}

static int lint_file(struct lint *l, const char *path, struct err **e)
{
	cleanup_free char *a = strdup(path), *b = strdup(path);
	const char *dir = dirname(a), *service = basename(b);
	enum pamlint_kind kind;

	if (pamlint_service(dir, service, l->modules, l->findings, &kind, e) < 0)
		return -1;
	if (kind == PAMLINT_WITHOUT)
		json_array_append_new(
		    l->findings,
		    json_sprintf("%s: its sessions are not isolated: no %s", path, l->modules[0]));
	return 0;
}

static int lint_path(struct lint *l, const char *path, struct err **e)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? lint_folder(l, path, e)
	                                                   : lint_file(l, path, e);
}

static int print_findings(const struct lint *l)
{
	json_t *text;
	size_t i;

	json_array_foreach(l->findings, i, text)
	{
		cleanup_free char *shown = printable_json(text, NULL);

		puts(shown);
	}
	return json_array_size(l->findings) ? EXIT_BROKEN : EXIT_HOLDS;
}

static int parse(int argc, char **argv, struct lint *l, struct err **e)
{
	static const struct option options[] = {
	    {"module", required_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'}, {0}};
	int o;

	optind = 1;
	opterr = 0;
	while ((o = getopt_long(argc, argv, ":m:", options, NULL)) != -1) {
		if (o == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (o != 'm')
			return err_usage(e, "lint: %s %s: pamlab lint --help", argv[optind - 1],
			                 o == ':' ? "needs a value" : "is no option");
		if (l->n_modules == MOST_MODULES)
			return err_usage(e, "lint: at most %d modules", MOST_MODULES);
		l->modules[l->n_modules++] = optarg;
	}
	if (!l->n_modules)
		l->modules[0] = "pam_pidns.so";
	return 0;
}

int cmd_lint(int argc, char **argv)
{
	struct lint l = {.findings = json_array()};
	struct err *e = NULL;
	int status = parse(argc, argv, &l, &e);
	bool done = status == 1;

	if (status == 0 && optind == argc)
		status = lint_path(&l, "/etc/pam.d", &e);
	for (int i = optind; status == 0 && i < argc; i++)
		status = lint_path(&l, argv[i], &e);
	if (status == 0)
		status = print_findings(&l);
	json_decref(l.findings);
	if (done)
		return EXIT_HOLDS;
	return status < 0 ? (int)err_report(&e) : status;
}
