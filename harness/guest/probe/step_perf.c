/* Counters of the whole machine, and the kernel thread that io_uring starts. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

static const char *count_machine(void)
{
	struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
	                            .size = sizeof(a),
	                            .config = PERF_COUNT_SW_CPU_CLOCK,
	                            .disabled = 1};
	cleanup_close int fd =
	    (int)syscall(SYS_perf_event_open, &a, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? errno_name(errno) : "ok";
}

static bool is_own_thread(pid_t tid)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free pid_t *tids = NULL;
	size_t n = 0;

	if (proc < 0 || procfs_numbers_at(proc, "self/task", &tids, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (tids[i] == tid)
			return true;
	return false;
}

/* A line of fdinfo says "SqThread:\t123", or -1 when there is none. */
static int thread_of(int uring)
{
	cleanup_free char *text = NULL;
	char path[48];
	const char *at;
	int tid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", uring);
	text = procfs_file_at(AT_FDCWD, path, NULL);
	at = text ? strstr(text, "SqThread:") : NULL;
	return at && sscanf(at, "SqThread: %d", &tid) == 1 && tid > 0 ? tid : 0;
}

struct uring {
	int error; /* of setting it up, 0: none */
	int tid;   /* of its thread, 0: not told */
	bool foreign;
};

/* In a process of its own: the work that the kernel leaves to be done at the end of a ring would
 * interrupt what the session waits for later. */
static struct uring try_uring(void)
{
	struct uring u = {.error = EIO};
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return u;
	pid = fork();
	if (pid == 0) {
		/* The thread polls for a millisecond, then sleeps. */
		struct io_uring_params p = {.flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1};
		int fd = (int)syscall(SYS_io_uring_setup, 1, &p);

		u.error = fd < 0 ? errno : 0;
		u.tid = fd < 0 ? 0 : thread_of(fd);
		u.foreign = u.tid && !is_own_thread(u.tid);
		_exit(write(fds[1], &u, sizeof(u)) != sizeof(u));
	}
	close(fds[1]);
	if (TEMP_FAILURE_RETRY(read(fds[0], &u, sizeof(u))) != sizeof(u))
		u.error = EIO;
	close(fds[0]);
	if (pid > 0)
		wait_for(pid);
	return u;
}

int step_perf(struct session *s, long number)
{
	struct uring u = try_uring();

	(void)number;
	return observe(s, "perf.machine", json_string(count_machine())) |
	       observe(s, "perf.uring", json_string(u.error ? errno_name(u.error) : "ok")) |
	       observe(s, "perf.uring_foreign", u.tid ? json_boolean(u.foreign) : json_null());
}
