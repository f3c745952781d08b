/* What /proc says of the whole machine: no PID namespace hides it. To be reported, never judged. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/tries.h"
#include "probe/probe.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What tells of others' work by counting it. */
static const struct trial whole[] = {
    {"interrupts", TRY_READ},
    {"softirqs", TRY_READ},
    {"schedstat", TRY_READ},
    {"vmstat", TRY_READ},
    {"meminfo", TRY_READ},
    {"zoneinfo", TRY_READ},
    {"buddyinfo", TRY_READ},
    {"diskstats", TRY_READ},
    {"pressure/cpu", TRY_READ},
    {"uptime", TRY_READ},
    {"modules", TRY_READ},
    {"swaps", TRY_READ},
    {"partitions", TRY_READ},
    {"consoles", TRY_READ},
    {"keys", TRY_READ},
    {"sys/kernel/random/boot_id", TRY_READ},
    {"sys/kernel/pid_max", TRY_READ},
    {"sys/kernel/pty/nr", TRY_READ},
    {"sys/fs/file-nr", TRY_READ},
    {"sys/fs/inode-nr", TRY_READ},
    {"sys/fs/dentry-state", TRY_READ},
    {"sys/fs/aio-nr", TRY_READ},
    {"net/tcp", TRY_READ},
    {"net/unix", TRY_READ},
    {"net/netlink", TRY_READ},
};

/* File modes keep these from users. */
static const struct trial root_only[] = {
    {"/proc/timer_list", TRY_READ},
    {"/proc/sched_debug", TRY_READ},
    {"/proc/kcore", TRY_READ},
    {"/proc/kmsg", TRY_READ},
    {"/proc/slabinfo", TRY_READ},
    {"/proc/vmallocinfo", TRY_READ},
    {"/proc/pagetypeinfo", TRY_READ},
    {"/proc/kpagecount", TRY_READ},
    {"/proc/sys/kernel/cad_pid", TRY_READ},
    {"/dev/kmsg", TRY_READ},
    {"/sys/kernel/debug/sched", TRY_READ},
    {"/sys/kernel/tracing/trace", TRY_READ},
    {"/sys/kernel/slab/kmalloc-64/alloc_calls", TRY_READ},
};

/* "0.00 0.01 0.05 1/57 123": 57. */
static json_t *tasks(void)
{
	cleanup_free char *line = first_line("/proc/loadavg");
	const char *slash = line ? strchr(line, '/') : NULL;

	return slash ? json_integer(atoi(slash + 1)) : json_null();
}

static json_t *procs(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? json_integer(info.procs) : json_null();
}

static json_t *forks(void)
{
	cleanup_free char *stat = procfs_file_at(AT_FDCWD, "/proc/stat", NULL);
	const char *line = stat ? strstr(stat, "\nprocesses ") : NULL;

	return line ? json_integer(atoll(line + strlen("\nprocesses "))) : json_null();
}

static json_t *text_or_null(char *text)
{
	json_t *value = text ? json_line_string(text) : json_null();

	free(text);
	return value;
}

/* "    0:    20 19/19 ..." a line: the user, before the colon. */
static json_t *key_users(void)
{
	cleanup_free char *text = procfs_file_at(AT_FDCWD, "/proc/key-users", NULL);
	json_t *users = json_array();
	char *save;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		json_array_append_new(users, json_integer(atoi(l)));
	return users;
}

/* "... - TYPE SOURCE OPTIONS" */
static json_t *mount_sources(void)
{
	cleanup_free char *text = procfs_file_at(AT_FDCWD, "/proc/self/mountinfo", NULL);
	json_t *sources = json_array();
	char *save;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		char type[32], source[64];
		const char *end = strstr(l, " - ");

		if (end && sscanf(end, " - %31s %63s", type, source) == 2)
			json_array_append_new(sources, json_sprintf("%s %s", type, source));
	}
	return sources;
}

int step_machine(struct session *s, long number)
{
	(void)number;
	if (observe(s, "machine.tasks", tasks()) < 0 || observe(s, "machine.procs", procs()) < 0 ||
	    observe(s, "machine.forks", forks()) < 0 ||
	    observe(s, "machine.signals", text_or_null(value_of("/proc/self/status", "SigQ"))) <
	        0 ||
	    observe(s, "machine.autogroup", text_or_null(first_line("/proc/self/autogroup"))) < 0 ||
	    observe(s, "machine.cgroup", text_or_null(first_line("/proc/self/cgroup"))) < 0 ||
	    observe(s, "machine.key_users", key_users()) < 0 ||
	    observe(s, "machine.readable", opened_files("/proc/", whole, COUNT(whole))) < 0 ||
	    observe(s, "machine.root_only", opened_files("", root_only, COUNT(root_only))) < 0)
		return -1;
	return observe(s, "machine.mount_sources", mount_sources());
}
