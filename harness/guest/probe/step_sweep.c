/* Does any call answer for a pid that /proc does not list? An answer is anything but "no such
 * process": EPERM says that there is one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

#define DEFAULT_PID_MAX 32768
#define PID_MAX_CAP     65536
#define MAX_ERRNO       4096

static int call_kill(pid_t pid)
{
	return (int)syscall(SYS_kill, pid, 0);
}

static int call_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int call_getpgid(pid_t pid)
{
	return syscall(SYS_getpgid, pid) < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*call)(pid_t pid);
} calls[] = {
    {"sweep.kill", call_kill},
    {"sweep.pidfd_open", call_pidfd_open},
    {"sweep.getpgid", call_getpgid},
};
#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

/* ENOSYS comes from a kernel or filter that does not know the call. */
static bool answers(size_t call, pid_t pid, bool *errnos)
{
	if (calls[call].call(pid) == 0)
		return true;
	if (errno < MAX_ERRNO)
		errnos[errno] = true;
	return errno != ESRCH && errno != ENOSYS;
}

static void list_id(bool *listed, long max, pid_t id)
{
	if (id > 0 && id <= max)
		listed[id] = true;
}

/* Adds what /proc tells of: processes, their threads, and the process groups and sessions that they
 * are in, for a pid stays taken while a group or session is named after it (setsid(2)). */
static void list_ids(bool *listed, long max)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free pid_t *pids = NULL;
	size_t n;

	if (proc < 0 || procfs_numbers_at(proc, ".", &pids, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		cleanup_free pid_t *tids = NULL;
		struct proc_info info;
		size_t n_tids = 0;
		char dir[32];

		list_id(listed, max, pids[i]);
		snprintf(dir, sizeof(dir), "%d/task", pids[i]);
		if (procfs_numbers_at(proc, dir, &tids, &n_tids) < 0)
			n_tids = 0;
		for (size_t t = 0; t < n_tids; t++)
			list_id(listed, max, tids[t]);
		if (procfs_read_at(proc, pids[i], &info) == 0) {
			list_id(listed, max, info.pgid);
			list_id(listed, max, info.sid);
		}
	}
}

/* A pid that answers, then is not in a list made after that, and then still answers is not one that
 * came or went in between. */
static json_t *find_unlisted(const bool *answered, bool *listed, long max, bool *errnos)
{
	json_t *list = json_array();

	list_ids(listed, max);
	for (pid_t pid = 1; pid <= max; pid++) {
		bool still = false;

		if (!answered[pid] || listed[pid])
			continue;
		for (size_t c = 0; c < N_CALLS; c++)
			still |= answers(c, pid, errnos);
		if (still)
			json_array_append_new(list, json_integer(pid));
	}
	return list;
}

static long read_pid_max(void)
{
	cleanup_file FILE *f = fopen("/proc/sys/kernel/pid_max", "re");
	long max;

	if (!f || fscanf(f, "%ld", &max) != 1 || max < 1)
		max = DEFAULT_PID_MAX;
	return max > PID_MAX_CAP ? PID_MAX_CAP : max;
}

static int observe_errnos(const struct session *s, const bool *errnos)
{
	json_t *list = json_array();

	for (int e = 1; e < MAX_ERRNO; e++)
		if (errnos[e])
			json_array_append_new(list, json_string(errno_name(e)));
	return observe(s, "sweep.errnos", list);
}

static int observe_victims(const struct session *s, const bool *answered, long max)
{
	cleanup_free struct victim *victims = NULL;
	json_t *list;
	size_t n = 0;

	if (read_victims(s, &victims, &n) < 0)
		return -1;
	list = json_array();
	for (size_t i = 0; i < n; i++)
		if (victims[i].pid <= max && answered[victims[i].pid])
			json_array_append_new(list, json_string(victims[i].name));
	return observe(s, "sweep.victims", list);
}

int step_sweep(struct session *s, long number)
{
	const long max = read_pid_max();
	cleanup_free bool *answered = calloc((size_t)max + 1, sizeof(bool));
	cleanup_free bool *listed = calloc((size_t)max + 1, sizeof(bool));
	bool errnos[MAX_ERRNO] = {false};

	(void)number;
	if (!answered || !listed)
		return fault(s, "sweep: out of memory");
	list_ids(listed, max);
	for (size_t c = 0; c < N_CALLS; c++) {
		json_t *list = json_array();

		for (pid_t pid = 1; pid <= max; pid++) {
			if (!answers(c, pid, errnos))
				continue;
			answered[pid] = true;
			json_array_append_new(list, json_integer(pid));
		}
		if (observe(s, calls[c].name, list) < 0)
			return -1;
	}
	if (observe(s, "sweep.unlisted", find_unlisted(answered, listed, max, errnos)) < 0 ||
	    observe_errnos(s, errnos) < 0 || observe_victims(s, answered, max) < 0)
		return -1;
	return observe(s, "sweep.tried", json_integer(max));
}
