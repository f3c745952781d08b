/* What /proc says of the program itself: are the ids right, do the links and files work? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/tries.h"
#include "probe/probe.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Opened is not always what counts: a socket as standard input cannot be (open(2), ENXIO). */
static const struct trial links[] = {
    {"/proc/mounts", TRY_READ}, {"/proc/net/dev", TRY_READ}, {"/etc/mtab", TRY_READ},
    {"/dev/fd", TRY_STAT},      {"/dev/stdin", TRY_STAT},    {"/dev/stdout", TRY_STAT},
};

static const struct trial files[] = {
    {"exe", TRY_LINK},
    {"root", TRY_LINK},
    {"cwd", TRY_LINK},
    {"fd", TRY_READ},
    {"fdinfo/0", TRY_READ},
    {"maps", TRY_READ},
    {"environ", TRY_READ},
    {"limits", TRY_READ},
    {"attr/current", TRY_READ},
    {"oom_score_adj", TRY_CHANGE},
    {"timerslack_ns", TRY_CHANGE},
    {"setgroups", TRY_READ},
    {"loginuid", TRY_READ},
    {"ns/pid", TRY_LINK},
};

static const struct trial sysctls[] = {
    {"kernel/osrelease", TRY_READ},
    {"kernel/hostname", TRY_READ},
    {"kernel/random/uuid", TRY_READ},
    {"vm/overcommit_memory", TRY_READ},
    {"fs/file-max", TRY_READ},
    {"net/ipv4/ip_forward", TRY_READ},
    {"user/max_pid_namespaces", TRY_READ},
};

static const struct trial triggers[] = {
    {"sys/kernel/hostname", TRY_WRITE},     {"sys/kernel/core_pattern", TRY_WRITE},
    {"sys/kernel/pid_max", TRY_WRITE},      {"sys/kernel/modprobe", TRY_WRITE},
    {"sys/vm/drop_caches", TRY_WRITE},      {"sys/fs/mount-max", TRY_WRITE},
    {"sys/net/ipv4/ip_forward", TRY_WRITE}, {"sysrq-trigger", TRY_WRITE},
};

/* One line of status against what the system calls say. A second number would be the pid in another
 * namespace (proc(5), NSpid). */
static void compare(json_t *wrong, const char *key, pid_t right)
{
	cleanup_free char *value = value_of("/proc/self/status", key);
	char *end = NULL;

	if (!value || strtol(value, &end, 10) != right || *end)
		json_array_append_new(
		    wrong, json_sprintf("%s: %s, not %d", key, value ? value : "none", right));
}

static json_t *find_wrong_ids(void)
{
	const struct {
		const char *key;
		pid_t right;
	} ids[] = {
	    {"Tgid", getpid()},  {"Pid", getpid()},     {"PPid", getppid()},  {"NStgid", getpid()},
	    {"NSpid", getpid()}, {"NSpgid", getpgrp()}, {"NSsid", getsid(0)}, {"TracerPid", 0},
	};
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	json_t *wrong = json_array();
	struct proc_info info;

	for (size_t i = 0; i < COUNT(ids); i++)
		compare(wrong, ids[i].key, ids[i].right);
	if (procfs_read_at(proc, getpid(), &info) < 0 || info.ppid != getppid() ||
	    info.pgid != getpgrp() || info.sid != getsid(0))
		json_array_append_new(wrong, json_string("stat"));
	return wrong;
}

static json_t *find_unlisted(void)
{
	static const char *const keys[] = {"PPid", "TracerPid"};
	json_t *unlisted = json_array();

	for (size_t i = 0; i < COUNT(keys); i++) {
		cleanup_free char *value = value_of("/proc/self/status", keys[i]);
		int pid = value ? atoi(value) : 0;

		if (pid && !pid_listed(pid))
			json_array_append_new(unlisted, json_sprintf("%s: %d", keys[i], pid));
	}
	return unlisted;
}

/* "session (2, #threads: 1)" */
static json_t *sched_right(void)
{
	cleanup_free char *line = first_line("/proc/self/sched");
	const char *pid = line ? strrchr(line, '(') : NULL;

	return pid ? json_boolean(atoi(pid + 1) == getpid()) : json_null();
}

static bool pidfd_right(void)
{
	cleanup_free char *pid = NULL, *nspid = NULL;
	char path[64];
	bool right;
	pid_t child = fork();
	int fd;

	if (child == 0)
		for (;;)
			pause();
	fd = child < 0 ? -1 : pidfd_open(child, 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	pid = value_of(path, "Pid");
	nspid = value_of(path, "NSpid");
	right = pid && atoi(pid) == child && nspid && !strcmp(pid, nspid);
	if (fd >= 0)
		close(fd);
	if (child > 0) {
		kill(child, SIGKILL);
		wait_for(child);
	}
	return right;
}

/* "0.00 0.01 0.05 1/57 123" */
static json_t *last_pid(void)
{
	cleanup_free char *line = first_line("/proc/loadavg");
	const char *last = line ? strrchr(line, ' ') : NULL;

	return last ? json_integer(atoi(last)) : json_null();
}

int step_own_files(struct session *s, long number)
{
	(void)number;
	if (observe(s, "own.ppid", json_integer(getppid())) < 0 ||
	    observe(s, "own.wrong_ids", find_wrong_ids()) < 0 ||
	    observe(s, "own.unlisted", find_unlisted()) < 0 ||
	    observe(s, "own.sched_right", sched_right()) < 0 ||
	    observe(s, "own.pidfd_right", json_boolean(pidfd_right())) < 0 ||
	    observe(s, "own.last_pid", last_pid()) < 0 ||
	    observe(s, "own.ns_last_pid", number_in("/proc/sys/kernel/ns_last_pid")) < 0 ||
	    observe(s, "own.links", try_files("", links, COUNT(links))) < 0 ||
	    observe(s, "own.files", try_files("/proc/self/", files, COUNT(files))) < 0 ||
	    observe(s, "own.sysctls", try_files("/proc/sys/", sysctls, COUNT(sysctls))) < 0 ||
	    observe(s, "own.writable", opened_files("/proc/", triggers, COUNT(triggers))) < 0 ||
	    observe(s, "own.loginuid", number_in("/proc/self/loginuid")) < 0)
		return -1;
	return observe(s, "own.sessionid", number_in("/proc/self/sessionid"));
}
