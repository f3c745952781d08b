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
static json_t *thread_foreign(int uring)
{
	cleanup_free char *text = NULL;
	char path[48];
	const char *at;
	int tid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", uring);
	text = procfs_file_at(AT_FDCWD, path, NULL);
	at = text ? strstr(text, "SqThread:") : NULL;
	if (!at || sscanf(at, "SqThread: %d", &tid) != 1 || tid <= 0)
		return json_null();
	return json_boolean(!is_own_thread(tid));
}

int step_perf(struct session *s, long number)
{
	/* The thread polls for a millisecond, then sleeps. */
	struct io_uring_params p = {.flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1};
	cleanup_close int uring = (int)syscall(SYS_io_uring_setup, 1, &p);
	const char *made = uring < 0 ? errno_name(errno) : "ok";

	(void)number;
	return observe(s, "perf.machine", json_string(count_machine())) |
	       observe(s, "perf.uring", json_string(made)) |
	       observe(s, "perf.uring_foreign", uring < 0 ? json_null() : thread_foreign(uring));
}
