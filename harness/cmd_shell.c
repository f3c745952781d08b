/* pamlab shell: a login in a guest on this terminal. */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "entry.h"
#include "forward.h"
#include "options.h"
#include "stageset.h"
#include "stop.h"
#include "suggest.h"
#include "terminal.h"
#include "verbs.h"

/* Ten years of guest time, ns: a person's login has no deadline. */
#define DEADLINE_NS 315360000000000000LL

static const char usage[] =
    "usage: pamlab shell [OPTION]...\n"
    "\n"
    "  -m, --module MODULE     a path to a .so, a bundled module, one of the image's, or none\n"
    "                          (default: none)\n"
    "      --args STRING       the module's arguments in the PAM stack\n"
    "  -e, --entry NAME        way in: pamlab list entries (default: su)\n"
    "      --image NAME        root file system (default: debian12)\n"
    "      --kernel NAME       6.1 (default), 6.12, minimal, or the path of a bzImage\n"
    "      --accel NAME        auto (default), tcg, kvm\n"
    "      --root NAME         propagation of the guest's root mount: private (default), shared\n"
    "      --root-console      a second console, root's and outside the session\n"
    "\n"
    "^] and a letter: l the login, r the root console, q quit, ^] a ^] for the session.\n"
    "Commands may be piped in. Exit status: 0 the login has ended, whatever its status; 2 usage;\n"
    "3 error. See pamlab(1).\n";

enum { OPT_ROOT = OPT_OWN, OPT_CONSOLE };

static const struct option options[] = {
    OPTIONS_MODULE,
    OPTIONS_LAB,
    {"entry", required_argument, NULL, 'e'},
    {"root", required_argument, NULL, OPT_ROOT},
    {"root-console", no_argument, NULL, OPT_CONSOLE},
    {NULL, 0, NULL, 0},
};

struct shell {
	const char *module, *args, *entry;
	struct lab_options lab;
	bool root_shared, root_console;
	bool terminal; /* standard input is one */
};

static int take_root(const char *word, struct shell *s, struct err **e)
{
	static const char *const names[] = {"private", "shared", NULL};
	const char *near = suggest(word, names);

	for (int i = 0; names[i]; i++) {
		if (!strcmp(names[i], word)) {
			s->root_shared = i == 1;
			return 0;
		}
	}
	return err_usage(e, "--root is private or shared, not \"%s\"%s%s%s", word,
	                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int take_option(int option, struct shell *s, struct err **e)
{
	switch (option) {
	case 'm':
		if (s->module)
			return err_usage(e, "one module at a time: %s or %s", s->module, optarg);
		s->module = optarg;
		return 0;
	case OPT_ARGS:
		s->args = optarg;
		return 0;
	case 'e':
		s->entry = optarg;
		return entry_check(optarg, e);
	case OPT_ROOT:
		return take_root(optarg, s, e);
	case OPT_CONSOLE:
		s->root_console = true;
		return 0;
	default:
		return options_lab(option, &s->lab);
	}
}

/* 1: help was asked for. */
static int parse(int argc, char **argv, struct shell *s, struct err **e)
{
	int option;

	options_begin();
	while ((option = options_next(argc, argv, ":m:e:", options, e)) != -1) {
		if (option == OPT_HELP)
			return 1;
		if (option < 0 || take_option(option, s, e) < 0)
			return -1;
	}
	if (optind < argc)
		return err_usage(e, "shell takes no argument, and got \"%s\": pamlab shell --help",
		                 argv[optind]);
	if (!strcmp(s->entry, "pamtester"))
		return err_usage(e, "pamtester has no interactive login: choose another entry");
	s->terminal = isatty(STDIN_FILENO);
	if (s->root_console && !s->terminal)
		return err_usage(e, "--root-console needs a terminal on standard input");
	return 0;
}

/* What the guest's terminal is told about itself. Without a terminal it is wide: programs cut what
 * they print at its edge. */
static char *shell_job(const struct shell *s)
{
	cleanup_json json_t *job = NULL;
	const char *term = getenv("TERM");
	int rows, columns;

	terminal_size(&rows, &columns);
	if (!s->terminal || !rows || !columns) {
		rows = 24;
		columns = s->terminal ? 80 : 200;
	}
	job = json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:b, s:I}", "id", "shell", "job", "shell",
	                "entry", s->entry, "rows", rows, "columns", columns, "console",
	                s->root_console, "plain", !s->terminal, "deadline_ns",
	                (json_int_t)DEADLINE_NS);
	json_object_set_new(job, "root", json_string(s->root_shared ? "shared" : "private"));
	if (s->terminal && term && *term)
		json_object_set_new(job, "term", json_string(term));
	return json_dumps(job, JSON_COMPACT);
}

static void print_hints(const struct shell *s, const struct candidate *c)
{
	const char *asked = !strcmp(s->entry, "sudo")       ? "sudo asks carol: carol-pw; "
	                    : !strcmp(s->entry, "sudo-pty") ? "sudo asks dave: dave-pw; "
	                                                    : "";

	if (s->terminal)
		fprintf(stderr,
		        "[%s, module %s; %salice's password is alice-pw; ^] opens a menu%s]\n",
		        s->entry, c->name, asked, s->root_console ? " (r: root console)" : "");
}

static int judge_end(const struct guest *g, struct err **e)
{
	const json_t *status = guest_observation(g, "shell.status");
	const char *fault = json_string_value(json_array_get(g->faults, 0));

	if (fault)
		return err_set(e, 0, "%s", fault);
	if (g->end == GUEST_RUNS) /* the user left */
		return 0;
	if (g->end != GUEST_DONE)
		return err_set(e, 0, "%s", g->why);
	fprintf(stderr, "[the login ended with status %lld]\n", json_integer_value(status));
	return 0;
}

static int run_guest(const struct shell *s, const struct stage_template *stage, struct err **e)
{
	cleanup_guest struct guest g = {.vm = VM_NONE};
	cleanup_free char *job = shell_job(s);
	struct vm_spec spec = {0};
	int status;

	template_clone_spec(&stage->template, &spec);
	spec.job = job;
	spec.terminals = true;
	print_hints(s, stage->candidate);
	if (guest_start(&g, &spec, INT_MAX, e) < 0)
		return -1;
	if (s->terminal && terminal_raw(e) < 0)
		return -1;
	status =
	    s->terminal ? forward_terminal(&g, s->root_console, e) : forward_pipe(&g, s->entry, e);
	terminal_restore();
	return status < 0 ? -1 : judge_end(&g, e);
}

/* The template is made by a process of its own, so that ^C has somebody to answer it. */
static int set_stage(struct stage_template *stage, struct err **e)
{
	stage_open(stage);
	if (stage->state == STAGE_BUILDING) {
		struct pollfd p[] = {{.fd = stage->report_fd, .events = POLLIN},
		                     {.fd = stop_fd(), .events = POLLIN}};

		fputs("  setting the stage (some seconds, once)\n", stderr);
		while (poll(p, 2, -1) < 0 && !stop_requested())
			;
		if (stop_requested())
			return err_set(e, 0, "interrupted");
		stage_finish(stage);
	}
	if (stage->state != STAGE_READY) {
		err_set(e, 0, "%s", stage->why);
		(*e)->status = stage->status;
		return -1;
	}
	return 0;
}

static int run_shell(const struct shell *s, struct err **e)
{
	cleanup_lab struct lab lab = {.base = {.entry = STORE_NONE}};
	struct candidate c = {0};
	struct stage_template stage = {.base = &lab.base, .candidate = &c};
	int status = -1;

	if (lab_open(&s->lab, &lab, e) < 0)
		return -1;
	if (candidate_open(s->module ? s->module : "none", s->args, false, NULL, &lab.image, &c,
	                   e) == 0 &&
	    set_stage(&stage, e) == 0)
		status = run_guest(s, &stage, e);
	stage_close(&stage);
	candidate_close(&c);
	templates_trim();
	return status;
}

int cmd_shell(int argc, char **argv)
{
	struct shell s = {.entry = "su"};
	struct err *e = NULL;
	int status = parse(argc, argv, &s, &e);

	if (status == 1) {
		fputs(usage, stdout);
		return EXIT_HOLDS;
	}
	if (status == 0) {
		stop_install();
		status = run_shell(&s, &e);
	}
	if (status < 0)
		status = err_report(&e);
	return stop_requested() ? stop_status() : status;
}
