/* The tree of control groups: what it tells of processes outside, and what it lets be done to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

#define TREE "/sys/fs/cgroup"

struct members {
	pid_t *own;
	size_t n_own;
	json_t *foreign, *victims, *nameless;
};

static bool is_own(const struct members *m, pid_t pid)
{
	for (size_t i = 0; i < m->n_own; i++)
		if (m->own[i] == pid)
			return true;
	return false;
}

static void note_member(struct members *m, const char *group, pid_t pid,
                        const struct victim *victims, size_t n)
{
	char task[32];

	snprintf(task, sizeof(task), "/proc/%d", pid);
	if (pid == 0)
		add_once(m->nameless, group);
	else if (!is_own(m, pid) && access(task, F_OK) < 0)
		add_text(m->foreign, "%s: %d", group, pid);
	for (size_t i = 0; i < n; i++)
		if (victims[i].pid == pid)
			add_once(m->victims, victims[i].name);
}

static void read_members(struct members *m, const char *group, const char *file,
                         const struct victim *victims, size_t n)
{
	cleanup_file FILE *f = NULL;
	char path[320];
	int pid;

	snprintf(path, sizeof(path), TREE "/%s/%s", group, file);
	f = fopen(path, "re");
	while (f && fscanf(f, "%d", &pid) == 1)
		note_member(m, group, pid, victims, n);
}

/* The groups below the root; those of victims are all at its top. */
static json_t *read_groups(struct members *m, const struct victim *victims, size_t n)
{
	cleanup_dir DIR *d = opendir(TREE);
	json_t *list = json_array();
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		add_text(list, "%s", e->d_name);
		read_members(m, e->d_name, "cgroup.procs", victims, n);
		read_members(m, e->d_name, "cgroup.threads", victims, n);
	}
	return list;
}

static const char *const control[] = {"cgroup.procs", "cgroup.threads", "cgroup.kill",
                                      "cgroup.freeze", "cgroup.subtree_control"};
static const char *const counters[] = {"cgroup.events", "cgroup.stat",    "cpu.stat",
                                       "pids.current",  "memory.current", "cgroup.pressure"};
static const char *const helpers[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
                                      "/sys/kernel/uevent_helper",     "/proc/sys/kernel/hotplug",
                                      "/proc/sysrq-trigger",           TREE "/release_agent"};
static const char *const sysfs[] = {"/sys/kernel/uevent_seqnum",
                                    "/sys/class/net/lo/statistics/rx_packets",
                                    "/sys/kernel/mm/ksm/pages_shared",
                                    "/sys/devices/system/cpu/online",
                                    "/sys/devices/system/node/node0/vmstat",
                                    "/sys/kernel/debug/sched/debug"};

struct controls {
	json_t *opened, *reached, *errors;
};

/* Opening is what the file's mode decides. A number that cgroup.kill refuses shows that what is
 * written there gets to the kernel, and kills nobody (ERANGE; kernel/cgroup/cgroup.c). */
static void try_control(const struct victim *v, struct controls *c)
{
	char dir[128], path[192];

	if (victim_fact(v->name, "cgroup", dir, sizeof(dir)) < 0)
		return;
	for (size_t i = 0; i < sizeof(control) / sizeof(*control); i++) {
		cleanup_close int fd = -1;

		snprintf(path, sizeof(path), "%s/%s", dir, control[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			add_text(c->opened, "%s %s", v->name, control[i]);
		else if (v->uid == getuid())
			add_once(c->errors, errno_name(errno));
		if (fd >= 0 && strcmp(control[i], "cgroup.kill") == 0 && write(fd, "0", 1) < 0 &&
		    errno == ERANGE)
			add_text(c->reached, "%s", v->name);
	}
}

static json_t *readable_counters(const struct victim *victims, size_t n)
{
	json_t *list = json_array();
	char dir[128], path[192];

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(counters) / sizeof(*counters); k++) {
			if (victim_fact(victims[i].name, "cgroup", dir, sizeof(dir)) < 0)
				continue;
			snprintf(path, sizeof(path), "%s/%s", dir, counters[k]);
			if (access(path, R_OK) == 0)
				add_once(list, counters[k]);
		}
	return list;
}

static json_t *list_openable(const char *const *paths, size_t n, int flags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		cleanup_close int fd = open(paths[i], flags | O_CLOEXEC);

		if (fd >= 0)
			add_text(list, "%s", paths[i]);
	}
	return list;
}

int step_cgroups(struct session *s, long number)
{
	struct members m = {
	    .foreign = json_array(), .victims = json_array(), .nameless = json_array()};
	struct controls c = {json_array(), json_array(), json_array()};
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free struct victim *victims = NULL;
	json_t *groups;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	if (proc < 0 || procfs_numbers_at(proc, ".", &m.own, &m.n_own) < 0)
		return fault(s, "cgroups: read /proc: %s", strerror(errno));
	groups = read_groups(&m, victims, n);
	free(m.own);
	for (size_t i = 0; i < n; i++)
		try_control(&victims[i], &c);
	return observe(s, "cgroups.groups", groups) | observe(s, "cgroups.foreign", m.foreign) |
	       observe(s, "cgroups.victims", m.victims) |
	       observe(s, "cgroups.nameless", m.nameless) |
	       observe(s, "cgroups.counters", readable_counters(victims, n)) |
	       observe(s, "cgroups.control", c.opened) | observe(s, "cgroups.reached", c.reached) |
	       observe(s, "cgroups.errors", c.errors) |
	       observe(s, "cgroups.helpers",
	               list_openable(helpers, sizeof(helpers) / sizeof(*helpers), O_WRONLY)) |
	       observe(s, "cgroups.sysfs",
	               list_openable(sysfs, sizeof(sysfs) / sizeof(*sysfs), O_RDONLY));
}
