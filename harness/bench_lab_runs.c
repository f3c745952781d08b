/* How long whole runs take: the last rows of bench-lab. */
#include <stdio.h>
#include <stdlib.h>

#include "bench_lab.h"
#include "cleanup.h"
#include "paths.h"
#include "run_options.h"
#include "stop.h"
#include "text.h"

/* What every module has to hold that promises to isolate a session; a run of seconds. */
static const char *const basic[] = {
    "exit-signal",      "exit-status", "host-whole-private", "host-whole-shared",
    "init-killed",      "login-cost",  "login-survives",     "logout-clean",
    "open-close-clean", "pid-sweep",   "proc-first-look",    "proc-mount",
    "proc-own",         "proc-tools",  "process-list",       "short-session-clean",
    "zombies-reaped",
};
static const char *const basic_entries[] = {"su",   "su-l",        "sudo",  "sudo-pty",
                                            "sshd", "sshd-kbdint", "login", "pamtester"};
#define COUNT(list) (sizeof(list) / sizeof(*(list)))
_Static_assert(COUNT(basic) == 17 && COUNT(basic_entries) == 8, BENCH_LAB_BASIC);

/* The seconds that a run takes with warm templates and controls; it has to end with status 0. */
static int measure_run(struct run_options *o, double *seconds, struct err **e)
{
	char dir[] = "/tmp/pamlab-bench-XXXXXX";
	int status = 0;

	if (!mkdtemp(dir))
		return err_set(e, 0, "create %s", dir);
	for (int warm = 0; warm < 2 && status == 0; warm++) {
		cleanup_free char *results = NULL;
		int64_t since = host_now();

		results = text_format("%s/%d", dir, warm);
		o->dir = results;
		status = run_campaign(o, NULL, e);
		if (status >= 0 && stop_requested())
			status = err_set(e, 0, "interrupted");
		else if (status > 0)
			status =
			    err_set(e, 0, "the run of " MODULE " ended with status %d", status);
		*seconds = (double)(host_now() - since) / 1e9;
	}
	remove_tree(dir, NULL);
	return status < 0 ? -1 : 0;
}

static void init_run(struct run_options *o, int slots)
{
	*o = (struct run_options){.repeat = 1, .quiet = true};
	subject_init(&o->subject);
	o->subject.slots = slots;
	options_append(&o->subject.modules, &o->subject.n_modules, MODULE);
}

int bench_lab_basic(int slots, double *seconds, struct err **e)
{
	struct run_options o;
	size_t n = 0;
	int status;

	init_run(&o, slots);
	for (size_t i = 0; i < COUNT(basic_entries); i++)
		options_append(&o.subject.entries, &n, basic_entries[i]);
	o.scenarios = (char *const *)basic;
	o.n_scenarios = COUNT(basic);
	status = measure_run(&o, seconds, e);
	subject_free(&o.subject);
	return status;
}

int bench_lab_must(int slots, double *seconds, struct err **e)
{
	struct run_options o;
	int status;

	init_run(&o, slots);
	o.scopes = 1U << SCOPE_MUST;
	status = measure_run(&o, seconds, e);
	subject_free(&o.subject);
	return status;
}
