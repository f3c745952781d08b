#include "nscount.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot.h"
#include "common/marks.h"
#include "report.h"
#include "run.h"

#define MANY    20000
#define POLL_NS 1000000

static const struct {
	const char *limit; /* below the agent's own /proc: the host's may be missing */
	int flag;
} kinds[] = {
    [NS_COUNT_PID] = {"sys/user/max_pid_namespaces", CLONE_NEWPID},
    [NS_COUNT_MNT] = {"sys/user/max_mnt_namespaces", CLONE_NEWNS},
};

/* A try needs a process of its own, which a successful unshare changes for good. */
static bool can_make(int fd, int flag, long limit)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld", limit);
	pid_t pid;

	if (pwrite(fd, text, len, 0) != len)
		return true;
	pid = fork();
	if (pid == 0)
		_exit(unshare(flag) < 0);
	return pid > 0 && wait_for(pid) == 0;
}

long count_namespaces(enum ns_kind kind)
{
	int fd = openat(truth_proc_fd, kinds[kind].limit, O_RDWR | O_CLOEXEC);
	char old[32] = "";
	long low = 0, high = 1;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, old, sizeof(old) - 1, 0);
	/* A failing try leaves nothing behind, a successful one counts until it is freed: go up
	 * until it fits, one by one while the number is small, as it mostly is. */
	while (high < MANY && !can_make(fd, kinds[kind].flag, high)) {
		low = high;
		high += high < 16 ? 1 : high / 4;
	}
	while (high - low > 1) {
		long middle = (low + high) / 2;

		pause_ns(50000000);
		if (can_make(fd, kinds[kind].flag, middle))
			high = middle;
		else
			low = middle;
	}
	if (n > 0 && pwrite(fd, old, n, 0) != n)
		perror(kinds[kind].limit);
	close(fd);
	return high - 1;
}

uint64_t wait_for_namespaces(enum ns_kind kind, long count, int64_t until)
{
	int fd = openat(truth_proc_fd, kinds[kind].limit, O_RDWR | O_CLOEXEC);
	char old[32] = "";
	ssize_t n = fd < 0 ? -1 : pread(fd, old, sizeof(old) - 1, 0);
	uint64_t seen = 0;

	while (n > 0 && !seen && guest_now() < until) {
		seen = marks_now();
		if (can_make(fd, kinds[kind].flag, count + 1))
			break;
		seen = 0;
		pause_ns(POLL_NS);
	}
	if (n > 0 && pwrite(fd, old, n, 0) != n)
		perror(kinds[kind].limit);
	if (fd >= 0)
		close(fd);
	return seen;
}
