/* Processes outside that hold up the end of a session: a child of theirs in its PID namespace that
 * nobody waits for, a tracer of its first process; and a directory of its /proc, kept open. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "report.h"
#include "run.h"
#include "session.h"

#define SECOND_NS 1000000000LL
#define HOLDS_NS  (8 * SECOND_NS) /* longer than a login may take that hangs */

/* Runs work in a process outside, whose parent PID 1 becomes, which waits for it. It says by one
 * int that it is ready, and how it went; -1 if it does not. */
static int start_holder(const struct proc_info *program,
                        void (*work)(const struct proc_info *, int))
{
	int fds[2], said = -1;
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		become_ordinary();
		prctl(PR_SET_NAME, "holder");
		close(fds[0]);
		work(program, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (pid > 0)
		wait_for(pid);
	if (pid < 0 || read(fds[0], &said, sizeof(said)) != sizeof(said))
		said = -1;
	close(fds[0]);
	return said;
}

static void say(int fd, int value)
{
	if (write(fd, &value, sizeof(value)) < 0)
		_exit(1);
	close(fd);
}

static void inject(const struct proc_info *program, int fd)
{
	char path[64];
	int ns;
	pid_t child;

	snprintf(path, sizeof(path), "%d/ns/pid", program->pid);
	ns = openat(truth_proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWPID) < 0)
		_exit(1);
	close(ns);
	child = fork();
	if (child == 0) {
		/* Its own idea of its pid tells where it is. */
		say(fd, getpid());
		for (;;)
			pause();
	}
	close(fd);
	pause_ns(HOLDS_NS);
	if (!session_isolated(program))
		kill(child, SIGKILL);
	wait_for(child);
}

void act_inject_child(void)
{
	struct proc_info program;
	int inner = session_find(&program) ? start_holder(&program, inject) : -1;

	if (inner < 0)
		report_fault("put a child into the session's PID namespace");
	observe("host.injected.", "pid", json_integer(inner));
}

/* A tracer that goes on with whatever stops, and waits for what ends: as strace does. */
static void trace(const struct proc_info *program, int fd)
{
	pid_t init = session_init(program), target = init ? init : program->pid;
	int status;

	if (ptrace(PTRACE_SEIZE, target, NULL, PTRACE_O_TRACEEXIT) < 0)
		_exit(1);
	say(fd, target);
	while (waitpid(target, &status, __WALL) == target && WIFSTOPPED(status)) {
		pause_ns(SECOND_NS);
		ptrace(PTRACE_CONT, target, NULL, status >> 16 ? 0 : WSTOPSIG(status));
	}
}

void act_trace_init(void)
{
	struct proc_info program;
	int traced = session_find(&program) ? start_holder(&program, trace) : -1;

	if (traced < 0)
		report_fault("trace the session's first process");
	observe("host.traced.", "started", json_boolean(traced > 0));
}

/* --- its /proc ----------------------------------------------------------------------------------
 */

static int kept = -1;

void act_keep_proc(void)
{
	struct proc_info program;
	char path[64];

	if (!session_find(&program))
		return;
	snprintf(path, sizeof(path), "%d/root/proc", program.pid);
	kept = openat(truth_proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (kept < 0)
		report_fault("open the session's /proc: %s", strerror(errno));
}

void observe_kept_proc(void)
{
	json_t *pids = json_array();
	pid_t *found = NULL;
	char link[32];
	size_t n = 0;
	ssize_t self;

	if (kept < 0) {
		json_decref(pids);
		return;
	}
	procfs_numbers_at(kept, ".", &found, &n);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(pids, json_integer(found[i]));
	self = readlinkat(kept, "self", link, sizeof(link));
	observe("host.kept_proc.", "pids", pids);
	observe("host.kept_proc.", "self",
	        json_string(self >= 0 ? "there" : strerrorname_np(errno)));
	free(found);
	close(kept);
	kept = -1;
}
