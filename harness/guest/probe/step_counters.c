/* Counters that the whole machine shares: each is looked at before and after root's victim,
 * outside, has started some processes and read a file. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

enum { STARTS = 5 };

/* A number in a line of a file that begins with key; -1: there is none. */
static long number_in(const char *path, const char *key)
{
	cleanup_free char *text = procfs_file_at(AT_FDCWD, path, NULL);
	const char *at = text ? strstr(text, key) : NULL;

	return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

static long count_processes(void)
{
	return number_in("/proc/stat", "\nprocesses ");
}

static long count_switches(void)
{
	return number_in("/proc/stat", "\nctxt ");
}

/* Since 6.9 a pidfd's inode counts all pids that there ever were; before, all have the same. */
static long pidfd_inode(void)
{
	cleanup_close int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct statfs fs;
	struct stat st;
	pid_t child;
	long inode;

	/* That of one's own is made once; that of a new child counts. */
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != PID_FS_MAGIC)
		return -1;
	child = fork();
	if (child == 0)
		_exit(0);
	close(fd);
	fd = (int)syscall(SYS_pidfd_open, child, 0);
	inode = fd >= 0 && fstat(fd, &st) == 0 ? (long)st.st_ino : -1;
	wait_for(child);
	return inode;
}

static long socket_inode(void)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? (long)st.st_ino : -1;
}

static long count_uptime_tasks(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? info.procs : -1;
}

static const struct {
	const char *name;
	long (*read)(void);
} counters[] = {
    {"processes", count_processes}, {"context-switches", count_switches},
    {"pidfd-inode", pidfd_inode},   {"socket-inode", socket_inode},
    {"tasks", count_uptime_tasks},
};

enum { COUNTERS = sizeof(counters) / sizeof(*counters) };

static void read_all(long values[COUNTERS])
{
	for (int i = 0; i < COUNTERS; i++)
		values[i] = counters[i].read();
}

static int ask_often(enum request request)
{
	struct answer a = {0};

	for (int i = 0; i < STARTS; i++)
		if (ask_victim("root", request, &a) < 0)
			return -1;
	return 0;
}

/* Those that moved more while the victim started processes than while it only answered. */
static int list_moved(struct session *s, json_t *moved)
{
	long first[COUNTERS], second[COUNTERS], third[COUNTERS];

	read_all(first);
	if (ask_often(ASK_GREETING) < 0)
		return fault(s, "counters: ask a victim: %s", strerror(errno));
	read_all(second);
	if (ask_often(ASK_FORK) < 0)
		return fault(s, "counters: ask a victim: %s", strerror(errno));
	read_all(third);
	for (int i = 0; i < COUNTERS; i++)
		if (first[i] >= 0 && third[i] - second[i] > second[i] - first[i])
			add_text(moved, "%s", counters[i].name);
	return 0;
}

/* mincore(2) tells of the cache only who owns the file or may write to it (since 5.2). */
static bool tells_cached(void)
{
	cleanup_close int fd = -1;
	unsigned char there = 0;
	char path[128];
	void *page;

	if (victim_fact("same", "watched", path, sizeof(path)) < 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	page = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return false;
	if (mincore(page, 4096, &there) < 0)
		there = 0;
	munmap(page, 4096);
	return there & 1;
}

int step_counters(struct session *s, long number)
{
	cleanup_json json_t *moved = json_array();

	(void)number;
	if (list_moved(s, moved) < 0)
		return -1;
	return observe(s, "counters.moved", take_ptr(moved)) |
	       observe(s, "counters.cached", json_boolean(tells_cached()));
}
