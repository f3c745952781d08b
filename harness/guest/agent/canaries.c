#include "canaries.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "boot.h"
#include "harm.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

/* The first pids of a session are small, and outside these are the kernel's: so the companion
 * inner-numbers has a session count from here. */
enum { FIRST = 4001, CANARIES = 9 };

static bool standing;

static _Noreturn void be_canary(void)
{
	sigset_t all;

	become_ordinary();
	prctl(PR_SET_NAME, "canary");
	/* A group that a number names, too, as kill(-N) takes it. What is blocked stays pending,
	 * for all to see. */
	setsid();
	close_range(0, ~0U, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
}

static bool set_last_pid(int fd, pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", pid);

	return pwrite(fd, text, (size_t)n, 0) == n;
}

void setup_canaries(void)
{
	int fd = openat(truth_proc_fd, "sys/kernel/ns_last_pid", O_RDWR | O_CLOEXEC);
	char before[16] = "";
	pid_t pid;

	if (fd < 0 || pread(fd, before, sizeof(before) - 1, 0) <= 0)
		report_fault("read ns_last_pid: %s", strerror(errno));
	for (pid_t wanted = FIRST; wanted < FIRST + CANARIES; wanted++) {
		pid = set_last_pid(fd, wanted - 1) ? fork() : -1;
		if (pid == 0)
			be_canary();
		if (pid != wanted)
			report_fault("start a process with the pid %d: it is %d", wanted, pid);
	}
	if (pwrite(fd, before, strlen(before), 0) < 0)
		report_fault("set ns_last_pid: %s", strerror(errno));
	close(fd);
	pause_ns(10000000);
	standing = true;
}

void canaries_observe(void)
{
	json_t *changed = standing ? json_array() : json_null();
	char name[16];

	for (pid_t pid = FIRST; standing && pid < FIRST + CANARIES; pid++) {
		snprintf(name, sizeof(name), "%d", pid);
		harm_add(changed, name, pid);
	}
	observe("host.after.", "canaries_changed", changed);
}
