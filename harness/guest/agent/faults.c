#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "boot.h"
#include "common/case_files.h"
#include "common/procfs.h"
#include "login.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

#define CGROUP          "/sys/fs/cgroup"
#define FEW             CGROUP "/pamlab-few"
#define LOOK_MS         10 /* between two looks, if no notice comes */
#define LEAST_PROCESSES 2

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok && errno != ESRCH)
		report_fault("write %s to %s: %s", text, path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Sets a sysctl, and back to what it was. */
static void set_limit(const char *path, const char *value, char old[32], bool on)
{
	int fd;
	ssize_t n;

	if (!on) {
		write_text(path, old);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, old, 31);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		report_fault("read %s: %s", path, strerror(errno));
	old[n > 0 ? n : 0] = '\0';
	write_text(path, value);
}

static void fault_pid_namespaces(bool on, int login)
{
	static char old[32];

	(void)login;
	set_limit("/proc/sys/user/max_pid_namespaces", "0", old, on);
}

static void fault_mnt_namespaces(bool on, int login)
{
	static char old[32];

	(void)login;
	set_limit("/proc/sys/user/max_mnt_namespaces", "0", old, on);
}

static void fault_mounts(bool on, int login)
{
	static char old[32];

	(void)login;
	set_limit("/proc/sys/fs/mount-max", "1", old, on);
}

/* Moves who logs in, and sshd, which does so for the client, to a cgroup of their own. */
static void move_entries(const char *procs)
{
	struct proc_info *all = NULL;
	size_t n = 0;
	char text[16];

	if (procfs_scan_at(truth_proc_fd, &all, &n) < 0)
		report_fault("scan processes: %s", strerror(errno));
	for (size_t i = 0; i < n; i++) {
		if (all[i].pid != driver_pid() && strcmp(all[i].comm, "sshd") != 0)
			continue;
		snprintf(text, sizeof(text), "%d", all[i].pid);
		write_text(procs, text);
	}
	free(all);
}

static long present(void)
{
	FILE *f = fopen(FEW "/pids.current", "re");
	long n = 0;

	if (!f || fscanf(f, "%ld", &n) != 1)
		report_fault("read " FEW "/pids.current: %s", strerror(errno));
	if (f)
		fclose(f);
	return n;
}

/* How often a fork was refused. */
static long refusals(int events)
{
	char text[64] = "";
	long n = 0;

	if (pread(events, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "max %ld", &n);
	return n;
}

/* The kernel's threads that tell who polls a file of a cgroup (kernfs_notify, fs/kernfs/file.c: by
 * the work queue of the processor, whose threads are kworker/0:N). In the agent's real-time class
 * they do so before who asked is back from the system call. */
static void hurry_notices(bool on)
{
	struct sched_param p = {.sched_priority = on ? sched_get_priority_min(SCHED_FIFO) : 0};
	struct proc_info *all = NULL;
	size_t n = 0;

	if (procfs_scan_at(truth_proc_fd, &all, &n) < 0)
		report_fault("scan processes: %s", strerror(errno));
	for (size_t i = 0; i < n; i++)
		if (strncmp(all[i].comm, "kworker/0:", 10) == 0)
			sched_setscheduler(all[i].pid, on ? SCHED_FIFO : SCHED_OTHER, &p);
	free(all);
}

/* The shortage is over as soon as it was felt once: then what fails is one fork, and what somebody
 * starts in spite of it succeeds. */
static pid_t relieve_after_first(void)
{
	int events = open(FEW "/pids.events", O_RDONLY | O_CLOEXEC);
	long before = refusals(events);
	pid_t pid = fork();

	if (pid == 0) {
		struct pollfd refused = {events, POLLPRI, 0};

		while (refusals(events) == before)
			poll(&refused, 1, LOOK_MS);
		write_text(FEW "/pids.max", "max");
		_exit(0);
	}
	close(events);
	return pid;
}

static void end_relief(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		wait_for(*pid);
	}
	*pid = 0;
}

static void fault_processes(bool on, int login)
{
	static pid_t relief;
	char text[16];

	end_relief(&relief);
	hurry_notices(on);
	if (!on) {
		write_text(FEW "/pids.max", "max");
		move_entries(CGROUP "/cgroup.procs");
		return;
	}
	if (mkdir(FEW, 0755) == 0)
		write_text(CGROUP "/cgroup.subtree_control", "+pids");
	else
		write_text(FEW "/pids.max", "max"); /* what an earlier login left is ending */
	move_entries(FEW "/cgroup.procs");
	snprintf(text, sizeof(text), "%ld", present() + LEAST_PROCESSES + login);
	write_text(FEW "/pids.max", text);
	relief = relieve_after_first();
}

/* The entry `caller` reads it, and does the rest (caller/sweep.c). */
static void set_way(const char *way, bool on)
{
	unlink(FAULT_WAY);
	if (on)
		write_whole(FAULT_WAY, way, strlen(way), 0644);
}

#define WAY(function, word)                                                                        \
	static void function(bool on, int login)                                                   \
	{                                                                                          \
		(void)login;                                                                       \
		set_way(word, on);                                                                 \
	}
WAY(fault_calls_fail, "fails")
WAY(fault_calls_lie, "lies")
WAY(fault_calls_missing, "missing")
WAY(fault_helper_killed, "helper-killed")
WAY(fault_caller_killed, "caller-killed")
WAY(fault_caller_terminated, "caller-terminated")
WAY(fault_closing_fails, "closing-fails")
WAY(fault_none, "none")
#undef WAY

/* `probe entry` looks for the file. */
static void fault_sys_admin(bool on, int login)
{
	(void)login;
	if (on)
		close(open(NO_SYS_ADMIN, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	else
		unlink(NO_SYS_ADMIN);
}

static const struct {
	const char *name;
	void (*set)(bool on, int login);
} faults[] = {
#define FAULT(name, function, about) {name, function},
#include "probes/faults.def"
#undef FAULT
};

static void set(const char *name, bool on, int login)
{
	if (!name)
		return;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (!strcmp(faults[i].name, name)) {
			faults[i].set(on, login);
			return;
		}
	report_fault("unknown fault \"%s\"", name);
}

void fault_apply(const char *name, int login)
{
	set(name, true, login);
}

void fault_lift(const char *name)
{
	set(name, false, 0);
}
