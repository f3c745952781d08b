/* pamlab's probe. What it does depends on the name it is started by, or on its first argument. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"

/* Run by the step proc-self to see /proc after an exec. */
static int run_proc_check(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return proc_self_right() ? 0 : 1;
}

static const struct {
	const char *name, *args, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
    {"session", "", "run the plan of the case, or a shell if there is none", run_session},
    {"session-exec", "", "the same as PAM_USER, from pam_exec at open_session", run_session_exec},
    {"entry", "[-u USER] PROGRAM ARGS...", "run a program that logs in, note its times and status",
     run_entry},
    {"victim", "NAME --password=SECRET", "be there to be seen", run_victim},
    {"look", "TAG MS", "say what /proc shows, and stay to be seen", run_look},
    {"nest", "TAG", "the same, and log in once more from there", run_nest},
    {"last-pid", "N", "have the next process of this PID namespace be N + 1", run_last_pid},
    {"core", "PID UID COMM", "be started by the kernel for a crash, and write it down", run_core},
    {"proc-check", "", "succeed if /proc/self is this process", run_proc_check},
};

static int usage(void)
{
	fprintf(stderr, "usage: probe COMMAND\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "  %-12s %-24s %s\n", commands[i].name, commands[i].args,
		        commands[i].help);
	fprintf(stderr, "steps of a session's plan:\n");
	for (size_t i = 0; i < n_steps; i++)
		fprintf(stderr, "  %-12s %-24s %s\n", steps[i].name,
		        steps[i].arg ? steps[i].arg : "", steps[i].help);
	return EXIT_FAULT;
}

static int run_command(const char *name, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc, argv);
	return -1;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "";
	int status;

	/* Hash tables that are the same in every run: a case takes the same time each time. */
	json_object_seed(1);
	if (name[0] == '-') /* a login shell */
		name++;
	if (strrchr(name, '/'))
		name = strrchr(name, '/') + 1;
	status = run_command(name, argc, argv);
	if (status < 0 && argc > 1)
		status = run_command(argv[1], argc - 1, argv + 1);
	return status < 0 ? usage() : status;
}
