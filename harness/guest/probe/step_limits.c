/* Limits that a user has once, however many sessions: what they tell, and what comes of using them
 * up. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

enum { TASKS_MAX = 64, INSTANCES_MAX = 512, FORKS = 10 };

/* Whether a child, not limited itself, can fork under that limit. */
static int fork_under(rlim_t limit)
{
	pid_t pid;

	if (setrlimit(RLIMIT_NPROC, &(struct rlimit){limit, TASKS_MAX}) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		wait_for(pid);
	return pid > 0;
}

/* How many tasks the user has, without the child that counts. 0: not to be found, he is root. */
static int count_tasks(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		for (rlim_t limit = 1; limit < TASKS_MAX; limit++)
			if (fork_under(limit) > 0)
				/* limit tasks and one less: one of them counts. */
				_exit(limit > 1 ? (int)limit - 2 : 0);
		_exit(0);
	}
	status = pid < 0 ? -1 : wait_for(pid);
	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static int count_listed(void)
{
	cleanup_free struct proc_info *all = NULL;
	size_t n = 0;
	int tasks = 0;

	if (procfs_scan("/proc", &all, &n) < 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].uid == getuid())
			tasks += (int)all[i].threads;
	return tasks;
}

static const char *victim_watches(void)
{
	struct answer a = {0};

	if (ask_victim("same", ASK_WATCH, &a) < 0)
		return errno_name(errno);
	return a.error ? errno_name(a.error) : "ok";
}

/* The child makes all the instances that it gets, and holds them while the victim tries. */
static const char *victim_watches_exhausted(void)
{
	int ready[2], done[2];
	const char *answer;
	char byte = 0;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0)
		return errno_name(errno);
	pid = fork();
	if (pid == 0) {
		close(ready[0]);
		close(done[1]);
		for (int i = 0; i < INSTANCES_MAX && inotify_init1(IN_CLOEXEC) >= 0; i++)
			;
		if (write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(done[0]);
	answer = read(ready[0], &byte, 1) == 1 ? victim_watches() : "EIO";
	close(ready[0]);
	close(done[1]);
	if (pid > 0)
		wait_for(pid);
	return answer;
}

/* The pid of a new process outside, as root's victim knows it. */
static int next_pid(void)
{
	struct answer a = {0};

	return ask_victim("root", ASK_FORK, &a) < 0 || a.error ? 0 : a.value;
}

static int pids_used(void)
{
	int first = next_pid(), last;

	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			wait_for(pid);
	}
	last = next_pid();
	return first && last ? last - first - 1 : 0;
}

int step_limits(struct session *s, long number)
{
	int tasks = count_tasks();
	const char *alone = victim_watches();

	(void)number;
	if (observe(s, "limits.victim_alone", json_string(alone)) < 0 ||
	    observe(s, "limits.victim_exhausted", json_string(victim_watches_exhausted())) < 0 ||
	    observe(s, "limits.pids_used", json_integer(pids_used())) < 0)
		return -1;
	return observe(s, "limits.tasks", tasks ? json_integer(tasks) : json_null()) |
	       observe(s, "limits.unlisted",
	               tasks ? json_integer(tasks - count_listed()) : json_null());
}
