/* Runs a program that logs in, and notes when it started and ended, and how. */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/case_files.h"
#include "common/json_line.h"
#include "probe/beside.h"
#include "probe/probe.h"

/* The signals that a terminal sends to all of its foreground process group. */
static const int terminal_signals[] = {SIGINT, SIGQUIT, SIGTSTP};

/* A terminal that is closed tells the leader of its session alone, and a shell that leads one tells
 * its jobs (setpgid(2), bash(1)). This leads one, and stays to see how the entry ends. */
static void pass_hang_up(int number)
{
	signal(number, SIG_IGN);
	kill(0, number);
}

/* Not even a program that is setuid root gets back what the bounding set lacks (capabilities(7)).
 */
static int drop_sys_admin(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];

	if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) < 0 ||
	    syscall(SYS_capget, &header, sets) < 0)
		return -1;
	sets[0].effective &= ~(1U << CAP_SYS_ADMIN);
	sets[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	sets[0].inheritable &= ~(1U << CAP_SYS_ADMIN);
	return (int)syscall(SYS_capset, &header, sets);
}

static _Noreturn void exec_entry(char **argv, const char *user, struct marks *m, int out)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (access(NO_SYS_ADMIN, F_OK) == 0 && drop_sys_admin() < 0)
		_exit(126);
	if (user && become_user(user) < 0)
		_exit(126);
	if (m) {
		__atomic_add_fetch(&m->entries, 1, __ATOMIC_SEQ_CST);
		m->entry_exec = marks_now();
	}
	execvp(argv[0], argv);
	json_line_observe(out, "fault", json_sprintf("run %s: %s", argv[0], errno_name(errno)));
	_exit(127);
}

int run_entry(int argc, char **argv)
{
	struct marks *m = marks_map(CASE_MARKS);
	uint64_t returned;
	struct beside beside;
	const char *user = NULL;
	int out, status;
	pid_t pid;

	if (argc > 2 && strcmp(argv[1], "-u") == 0) {
		user = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: probe entry [-u USER] PROGRAM ARGS...\n");
		return EXIT_FAULT;
	}
	out = json_line_open(CASE_ENTRY);
	if (out < 0) {
		fprintf(stderr, "entry: open %s: %s\n", CASE_ENTRY, strerror(errno));
		return EXIT_FAULT;
	}
	for (size_t i = 0; i < sizeof(terminal_signals) / sizeof(terminal_signals[0]); i++)
		signal(terminal_signals[i], SIG_IGN);
	signal(SIGHUP, pass_hang_up);
	/* With SIGCHLD ignored, which is inherited, there would be no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	beside_start(&beside, out);
	pid = fork();
	if (pid == 0) {
		beside_open_handles(&beside, out);
		exec_entry(argv + 1, user, m, out);
	}
	if (pid < 0) {
		json_line_observe(out, "fault", json_sprintf("fork: %s", errno_name(errno)));
		return EXIT_FAULT;
	}
	status = wait_for(pid);
	returned = marks_now();
	if (m)
		m->entry_return = returned;
	beside_end(&beside);
	if (status < 0) {
		json_line_observe(out, "fault", json_sprintf("wait: %s", errno_name(errno)));
		return EXIT_FAULT;
	}
	if (WIFSIGNALED(status)) {
		json_line_observe(out, "signal", json_integer(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	json_line_observe(out, "status", json_integer(WEXITSTATUS(status)));
	return WEXITSTATUS(status);
}
