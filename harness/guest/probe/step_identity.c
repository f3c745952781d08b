/* What was the session's program given? Each line is compared with what the same login gives
 * without the module, so nothing is in them that differs from login to login: no pids, ports,
 * times. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/probe.h"

extern char **environ;

/* Lines of /proc/self/status (proc_pid_status(5)), for each observation. */
static const struct {
	const char *observation;
	const char *names[12];
} status_lines[] = {
    {"attributes.ids", {"Uid", "Gid", "Groups"}},
    {"attributes.capabilities",
     {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"}},
    {"attributes.signals", {"SigBlk", "ShdPnd", "SigPnd", "SigIgn"}},
};

static void add(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(json_t *list, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		json_array_append_new(list, json_line_string(text));
	va_end(ap);
}

static char *line_of(const char *status, const char *name)
{
	size_t len = strlen(name);

	for (const char *l = status; l && *l; l = strchr(l, '\n') ? strchr(l, '\n') + 1 : NULL)
		if (!strncmp(l, name, len) && l[len] == ':')
			return strndup(l, strcspn(l, "\n"));
	return NULL;
}

static int observe_status(struct session *s, const char *status)
{
	for (size_t i = 0; i < sizeof(status_lines) / sizeof(*status_lines); i++) {
		json_t *list = json_array();

		for (const char *const *n = status_lines[i].names; *n; n++) {
			cleanup_free char *line = line_of(status, *n);

			if (line)
				json_array_append_new(list, json_line_string(line));
		}
		if (i == 1)
			add(list, "securebits: %d", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
		if (observe(s, status_lines[i].observation, list) < 0)
			return -1;
	}
	return 0;
}

static json_t *list_limits(void)
{
	json_t *list = json_array();

	for (int r = 0; r < RLIMIT_NLIMITS; r++) {
		struct rlimit l;

		if (getrlimit(r, &l) == 0)
			add(list, "%d: %lld %lld", r, (long long)l.rlim_cur, (long long)l.rlim_max);
	}
	return list;
}

static json_t *list_process(const char *status)
{
	cleanup_free char *mask = line_of(status, "Umask");
	json_t *list = json_array();
	int death = 0, subreaper = 0, fd;
	char cwd[4096], score[32] = "";
	ssize_t n;

	add(list, "cwd: %s", getcwd(cwd, sizeof(cwd)) ? cwd : errno_name(errno));
	add(list, "%s", mask ? mask : "Umask: ?");
	errno = 0;
	add(list, "nice: %d", getpriority(PRIO_PROCESS, 0));
	fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, score, sizeof(score) - 1);
	score[n > 0 ? n : 0] = '\0';
	score[strcspn(score, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
	add(list, "oom_score_adj: %s", score);
	add(list, "dumpable: %d", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	add(list, "pdeathsig: %d", death);
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
	add(list, "subreaper: %d", subreaper);
	for (int i = 0; i <= 2; i++)
		add(list, "fd %d: %s", i, isatty(i) ? "a terminal" : "no terminal");
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	add(list, "controlling terminal: %s", fd >= 0 ? "yes" : "no");
	if (fd >= 0)
		close(fd);
	return list;
}

/* Ports, terminals and the like are not the module's. */
static const char *const varying[] = {"SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "XDG_SESSION_ID"};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *list_environ(void)
{
	json_t *list = json_array();
	size_t n = 0;

	while (environ[n])
		n++;
	qsort(environ, n, sizeof(*environ), compare);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(environ[i], "=");
		bool varies = false;

		for (size_t v = 0; v < sizeof(varying) / sizeof(*varying); v++)
			varies |=
			    strlen(varying[v]) == len && !strncmp(varying[v], environ[i], len);
		add(list, "%.*s", varies ? (int)len : (int)strlen(environ[i]), environ[i]);
	}
	return list;
}

static char *own_file(const char *path)
{
	char *text = procfs_file_at(AT_FDCWD, path, NULL);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

int step_attributes(struct session *s, long number)
{
	cleanup_free char *status = procfs_file_at(AT_FDCWD, "/proc/self/status", NULL);
	cleanup_free char *cgroup = own_file("/proc/self/cgroup");
	cleanup_free char *loginuid = own_file("/proc/self/loginuid");

	(void)number;
	if (!status)
		return fault(s, "attributes: read /proc/self/status: %s", strerror(errno));
	if (observe_status(s, status) < 0 || observe(s, "attributes.limits", list_limits()) < 0 ||
	    observe(s, "attributes.process", list_process(status)) < 0 ||
	    observe(s, "attributes.environ", list_environ()) < 0 ||
	    observe(s, "attributes.cgroup", cgroup ? json_line_string(cgroup) : json_null()) < 0)
		return -1;
	return observe(s, "attributes.loginuid",
	               loginuid ? json_integer(strtoll(loginuid, NULL, 10)) : json_null());
}
