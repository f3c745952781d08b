#include "victims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include "jobs.h"
#include "report.h"
#include "run.h"

#define CGROUPS "/sys/fs/cgroup"

struct victim {
	const char *name, *secret;
	uid_t uid;
};

static const struct victim victims[] = {
    {"same", "s3cret-of-same", 1000},
    {"other", "s3cret-of-other", 1001},
    {"root", "s3cret-of-root", 0},
};

enum { VICTIMS_N = sizeof(victims) / sizeof(*victims) };

static void raise_pid_max(void)
{
	FILE *f = fopen("/proc/sys/kernel/pid_max", "r+e");
	long max = 0;

	if (f && fscanf(f, "%ld", &max) == 1 && max < 32768) {
		rewind(f);
		fputs("32768", f);
	}
	if (f)
		fclose(f);
}

/* Above 5000, so that no pid of a session is ever a victim's. */
static void raise_pids(void)
{
	int last_pid = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	/* A small kernel ends at 4096 (CONFIG_BASE_FULL=n; linux/threads.h). */
	raise_pid_max();
	if (last_pid < 0 || write(last_pid, "5000", 4) != 4)
		report_fault("set ns_last_pid: %s", strerror(errno));
	if (last_pid >= 0)
		close(last_pid);
}

static pid_t start_victim(const struct victim *v)
{
	char argument[128], dir[128];
	char *argv[] = {LIB_DIR "/probe", "victim", (char *)v->name, argument, NULL};
	pid_t pid;

	snprintf(dir, sizeof(dir), VICTIM_DIR "/%s", v->name);
	if (mkdir(dir, 0755) < 0 || chown(dir, v->uid, v->uid) < 0)
		report_fault("make %s: %s", dir, strerror(errno));
	snprintf(argument, sizeof(argument), "--password=%s", v->secret);
	setenv("TOKEN", v->secret, 1);
	pid = start_program(argv, NULL, v->uid);
	unsetenv("TOKEN");
	return pid;
}

/* Puts it into a control group that belongs to its user, as a service manager delegates one. */
static void delegate_cgroup(const struct victim *v, pid_t pid, FILE *facts)
{
	/* The files that cgroups(7) lets be delegated, and those that their owner can do harm with.
	 */
	static const char *const files[] = {"cgroup.procs", "cgroup.threads",
	                                    "cgroup.subtree_control", "cgroup.kill",
	                                    "cgroup.freeze"};
	char dir[128], path[192];
	FILE *procs;

	snprintf(dir, sizeof(dir), CGROUPS "/user-%u", v->uid);
	if (mkdir(dir, 0755) < 0 || chown(dir, v->uid, v->uid) < 0)
		return report_fault("make %s: %s", dir, strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		/* cgroup.kill is younger than a kernel may be. */
		if (chown(path, v->uid, v->uid) < 0 && errno != ENOENT)
			report_fault("give %s away: %s", path, strerror(errno));
	}
	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	procs = fopen(path, "we");
	if (procs)
		fprintf(procs, "%d", pid);
	if (!procs || fclose(procs) != 0)
		report_fault("write %s: %s", path, strerror(errno));
	fprintf(facts, "%s cgroup %s\n", v->name, dir);
}

/* What daemons and logins leave for everybody to read: a pid file, and a record of who is there. */
static void record(const struct victim *v, pid_t pid)
{
	struct utmpx u = {.ut_type = USER_PROCESS, .ut_pid = pid};
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/run/pamlab-%s.pid", v->name);
	f = fopen(path, "we");
	if (f) {
		fprintf(f, "%d\n", pid);
		fclose(f);
	}
	snprintf(u.ut_line, sizeof(u.ut_line), "victim-%s", v->name);
	snprintf(u.ut_id, sizeof(u.ut_id), "v%c", v->name[0]);
	snprintf(u.ut_user, sizeof(u.ut_user), "victim-%s", v->name);
	snprintf(u.ut_host, sizeof(u.ut_host), "host-of-%s", v->name);
	setutxent();
	if (!pututxline(&u))
		report_fault("record %s in utmp: %s", v->name, strerror(errno));
	endutxent();
}

/* Waits for a victim's facts and appends them; at most two seconds of guest time. */
static void collect_facts(const struct victim *v, FILE *facts)
{
	char path[128], line[512];
	FILE *f = NULL;

	snprintf(path, sizeof(path), VICTIM_DIR "/%s/facts", v->name);
	for (int i = 0; i < 200 && !f; i++) {
		f = fopen(path, "re");
		if (!f)
			pause_ns(10000000);
	}
	if (!f)
		return report_fault("the victim %s does not come up", v->name);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, " fault "))
			report_fault("victim %s", line);
		fprintf(facts, "%s\n", line);
	}
	fclose(f);
}

void victims_start(void)
{
	FILE *list = fopen(VICTIMS, "we"), *facts = fopen(VICTIM_FACTS, "we");

	if (!list || !facts)
		return report_fault("make %s: %s", VICTIMS, strerror(errno));
	raise_pids();
	if (mkdir(VICTIM_DIR, 0755) < 0)
		report_fault("make %s: %s", VICTIM_DIR, strerror(errno));
	for (int i = 0; i < VICTIMS_N; i++) {
		const struct victim *v = &victims[i];
		pid_t pid = start_victim(v);

		fprintf(list, "%s %d %d %s\n", v->name, pid, v->uid, v->secret);
		delegate_cgroup(v, pid, facts);
		record(v, pid);
	}
	for (int i = 0; i < VICTIMS_N; i++)
		collect_facts(&victims[i], facts);
	fclose(list);
	fclose(facts);
}
