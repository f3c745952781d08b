#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"

static int self = -1;

int state_prepare(void)
{
	self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return self < 0 ? -1 : 0;
}

static void put(json_t *state, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void put(json_t *state, const char *name, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	json_object_set_new(state, name, json_line_string(text));
}

static void put_link(json_t *state, const char *name, const char *path)
{
	char link[256] = "";

	if (readlinkat(self, path, link, sizeof(link) - 1) < 0)
		put(state, name, "errno %d", errno);
	else
		put(state, name, "%s", link);
}

static void put_file(json_t *state, const char *name, const char *path)
{
	cleanup_free char *text = procfs_file_at(self, path, NULL);

	put(state, name, "%s", text ? text : "none");
}

static void put_place(json_t *state, const char *name, const char *path)
{
	struct stat st = {0};

	if (stat(path, &st) < 0)
		put(state, name, "errno %d", errno);
	else
		put(state, name, "%lx:%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
}

static unsigned long mask_of(const char *status, const char *name)
{
	const char *line = status ? strstr(status, name) : NULL;

	return line ? strtoul(line + strlen(name), NULL, 16) : 0;
}

/* Which signals are caught is read from /proc (proc(5)), and by whom from the system: it is asked
 * for those alone, and not through the C library, which hides the signals that it uses itself. */
static void put_signals(json_t *state, const char *status)
{
	unsigned long caught = mask_of(status, "SigCgt:"), hash = 0;

	put(state, "signal-mask", "%lx", mask_of(status, "SigBlk:"));
	for (int sig = 1; sig <= 64; sig++) {
		unsigned long action[4] = {0};

		if (!(caught >> (sig - 1) & 1))
			continue;
		syscall(SYS_rt_sigaction, sig, NULL, action, sizeof(unsigned long));
		hash = hash * 31 + action[0];
	}
	put(state, "dispositions", "%lx %lx %lx", mask_of(status, "SigIgn:"), caught, hash);
}

static void put_limits(json_t *state)
{
	unsigned long hash = 0;

	for (int r = 0; r < RLIMIT_NLIMITS; r++) {
		struct rlimit l = {0};

		getrlimit(r, &l);
		hash = hash * 31 + l.rlim_cur;
		hash = hash * 31 + l.rlim_max;
	}
	put(state, "limits", "%lx", hash);
	put(state, "nice", "%d", getpriority(PRIO_PROCESS, 0));
}

static void put_ids(json_t *state)
{
	uid_t r, e, s;
	gid_t rg, eg, sg, groups[64];
	int n = getgroups(64, groups);
	unsigned long hash = n;

	for (int i = 0; i < n; i++)
		hash = hash * 31 + groups[i];
	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	put(state, "ids", "%u %u %u, %u %u %u, %lx", r, e, s, rg, eg, sg, hash);
	put(state, "process-group", "%d %d", getpgrp(), getsid(0));
}

static void put_attributes(json_t *state)
{
	int death = 0, subreaper = 0;
	struct itimerval timer = {0};
	mode_t mask = umask(0);

	umask(mask);
	prctl(PR_GET_PDEATHSIG, &death);
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	getitimer(ITIMER_REAL, &timer);
	put(state, "umask", "%o", mask);
	put(state, "attributes", "%d %d %d %d %d %d %d", death, subreaper, prctl(PR_GET_DUMPABLE),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_SECUREBITS),
	    prctl(PR_GET_KEEPCAPS), prctl(PR_GET_SECCOMP));
	put(state, "timer", "%ld", (long)timer.it_interval.tv_sec);
	put(state, "keyring", "%ld",
	    syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}

static void put_capabilities(json_t *state, const char *status)
{
	const char *from = status ? strstr(status, "CapInh:") : NULL;
	const char *to = from ? strstr(from, "NoNewPrivs:") : NULL;

	put(state, "capabilities", "%.*s", (int)(to ? to - from : 0), from ? from : "");
}

static void put_environment(json_t *state)
{
	unsigned long hash = 5381;

	for (char **v = environ; *v; v++)
		for (const char *p = *v; *p; p++)
			hash = hash * 33 + (unsigned char)*p;
	put(state, "environment", "%lx", hash);
}

/* What a program that is started now would inherit. FDSize of status (proc(5)) is how many
 * descriptors there is room for. */
static void put_descriptors(json_t *state, const char *status)
{
	const char *line = status ? strstr(status, "FDSize:") : NULL;
	int end = line ? atoi(line + strlen("FDSize:")) : 0;
	char text[4096] = "";

	for (int fd = 0; fd < end; fd++) {
		char path[32], link[128] = "";
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0 || flags & FD_CLOEXEC)
			continue;
		snprintf(path, sizeof(path), "fd/%d", fd);
		if (readlinkat(self, path, link, sizeof(link) - 1) >= 0)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d %s\n", fd,
			         link);
	}
	put(state, "descriptors", "%s", text);
}

void state_of_copy(json_t *state)
{
	put_place(state, "proc", "/proc/self");
}

json_t *state_take(void)
{
	cleanup_free char *status = procfs_file_at(self, "status", NULL);
	json_t *state = json_object();

	put_link(state, "mnt-namespace", "ns/mnt");
	put_link(state, "pid-namespace-of-children", "ns/pid_for_children");
	put_link(state, "net-namespace", "ns/net");
	put_link(state, "ipc-namespace", "ns/ipc");
	put_link(state, "uts-namespace", "ns/uts");
	put_link(state, "user-namespace", "ns/user");
	put_link(state, "cgroup-namespace", "ns/cgroup");
	put_file(state, "cgroup", "cgroup");
	put_file(state, "oom", "oom_score_adj");
	put_file(state, "loginuid", "loginuid");
	put_place(state, "root", "/");
	put_place(state, "working-directory", ".");
	state_of_copy(state);
	put_signals(state, status);
	put_limits(state);
	put_ids(state);
	put_attributes(state);
	put_capabilities(state, status);
	put_environment(state);
	put_descriptors(state, status);
	return state;
}

json_t *state_difference(const json_t *a, const json_t *b)
{
	json_t *names = json_array(), *value;
	const char *name;

	json_object_foreach((json_t *)a, name,
	                    value) if (!json_equal(value, json_object_get(b, name)))
	    json_array_append_new(names, json_string(name));
	return names;
}
