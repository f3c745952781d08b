#include "common/procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cleanup.h"

/* PF_KTHREAD of linux/sched.h, in the ninth field of stat. */
#define KTHREAD_FLAG 0x00200000UL

char *procfs_file_at(int proc_fd, const char *path, size_t *len)
{
	cleanup_close int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *buf = NULL;
	size_t used = 0, size = 0;

	if (fd < 0)
		return NULL;
	for (;;) {
		ssize_t n;

		if (size - used < 2) {
			char *bigger;

			size = size ? size * 2 : 4096;
			bigger = realloc(buf, size);
			if (!bigger)
				return NULL;
			buf = bigger;
		}
		n = read(fd, buf + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NULL;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buf[used] = '\0';
	if (len)
		*len = used;
	return take_ptr(buf);
}

uint64_t procfs_ns_at(int proc_fd, const char *who, const char *which)
{
	char path[64], link[64];
	const char *inode;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/%s", who, which);
	n = readlinkat(proc_fd, path, link, sizeof(link) - 1);
	if (n < 0)
		return 0;
	link[n] = '\0';
	inode = strstr(link, ":[");
	if (inode)
		return strtoull(inode + 2, NULL, 10);
	errno = EINVAL;
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	const pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

int procfs_numbers_at(int proc_fd, const char *dir, pid_t **out, size_t *n)
{
	cleanup_close int fd = openat(proc_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free pid_t *list = NULL;
	cleanup_dir DIR *d = NULL;
	size_t used = 0, size = 0;
	struct dirent *e;

	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d)
		return -1;
	take_fd(&fd);
	while (errno = 0, (e = readdir(d))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		if (used == size) {
			pid_t *bigger;

			size = size ? size * 2 : 256;
			bigger = reallocarray(list, size, sizeof(*list));
			if (!bigger)
				return -1;
			list = bigger;
		}
		list[used++] = (pid_t)strtol(e->d_name, NULL, 10);
	}
	if (errno)
		return -1;
	if (used)
		qsort(list, used, sizeof(*list), compare_pids);
	*out = take_ptr(list);
	*n = used;
	return 0;
}

/* The fields of stat after the name, numbered as in proc(5). */
enum {
	STAT_STATE = 3,
	STAT_PPID,
	STAT_PGRP,
	STAT_SESSION,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME,
	STAT_THREADS = 20,
	STAT_START = 22,
};

/* "PID (COMM) STATE ...": COMM may contain anything, parentheses too, so its end is the last one.
 */
static int parse_stat(const char *stat, struct proc_info *p)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	unsigned long long field[STAT_START + 1];

	if (!open || !close || close < open || close[1] != ' ' || !close[2])
		goto bad;
	snprintf(p->comm, sizeof(p->comm), "%.*s", (int)(close - open - 1), open + 1);
	p->state = close[2];
	stat = close + 3;
	for (int i = STAT_PPID; i <= STAT_START; i++) {
		char *end;

		field[i] = strtoull(stat, &end, 10); /* takes a sign, too */
		if (end == stat)
			goto bad;
		stat = end;
	}
	p->ppid = (pid_t)field[STAT_PPID];
	p->pgid = (pid_t)field[STAT_PGRP];
	p->sid = (pid_t)field[STAT_SESSION];
	p->kthread = field[STAT_FLAGS] & KTHREAD_FLAG;
	p->cpu_ticks = field[STAT_UTIME] + field[STAT_STIME];
	p->threads = (unsigned)field[STAT_THREADS];
	p->start_ticks = field[STAT_START];
	return 0;
bad:
	errno = EINVAL;
	return -1;
}

static int read_stat(int proc_fd, const char *who, struct proc_info *p)
{
	char path[32], stat[2048]; /* 52 numbers and a name */
	cleanup_close int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/stat", who);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, stat, sizeof(stat) - 1);
	if (n < 0)
		return -1;
	stat[n] = '\0';
	return parse_stat(stat, p);
}

static int read_nspid(int proc_fd, const char *who, struct proc_info *p)
{
	cleanup_free char *status = NULL;
	const char *nspid;
	char path[32];

	snprintf(path, sizeof(path), "%s/status", who);
	status = procfs_file_at(proc_fd, path, NULL);
	if (!status)
		return -1;
	nspid = strstr(status, "\nNSpid:");
	if (!nspid)
		return 0;
	nspid += strlen("\nNSpid:");
	while (p->levels < PROCFS_MAX_LEVELS && *nspid == '\t') {
		char *end;

		p->nspid[p->levels] = (pid_t)strtol(nspid, &end, 10);
		if (end == nspid)
			break;
		p->levels++;
		nspid = end;
	}
	return 0;
}

/* Reading status is slow, and a task of the procfs' own PID namespace, whose inode own_pidns is (0:
 * not known), has one number only. The directory of a process belongs to its effective uid, also
 * where its files do not (task_dump_owner, fs/proc/base.c). */
static int read_task(int proc_fd, pid_t pid, uint64_t own_pidns, struct proc_info *info)
{
	char who[16];
	struct stat st;

	*info = (struct proc_info){.pid = pid};
	snprintf(who, sizeof(who), "%d", pid);
	if (read_stat(proc_fd, who, info) < 0 || fstatat(proc_fd, who, &st, 0) < 0)
		return -1;
	info->uid = st.st_uid;
	info->pidns = procfs_ns_at(proc_fd, who, "pid");
	info->mntns = procfs_ns_at(proc_fd, who, "mnt");
	if (!info->pidns || info->pidns != own_pidns)
		return read_nspid(proc_fd, who, info);
	info->levels = 1;
	info->nspid[0] = pid;
	return 0;
}

int procfs_read_at(int proc_fd, pid_t pid, struct proc_info *info)
{
	return read_task(proc_fd, pid, 0, info);
}

int procfs_scan_at(int proc_fd, struct proc_info **out, size_t *n)
{
	cleanup_free struct proc_info *list = NULL;
	cleanup_free pid_t *pids = NULL;
	size_t count, used = 0;
	uint64_t own_pidns;
	struct statfs fs;

	if (fstatfs(proc_fd, &fs) < 0)
		return -1;
	if (fs.f_type != PROC_SUPER_MAGIC) {
		errno = EINVAL;
		return -1;
	}
	if (procfs_numbers_at(proc_fd, ".", &pids, &count) < 0)
		return -1;
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return -1;
	own_pidns = procfs_ns_at(proc_fd, "1", "pid");
	for (size_t i = 0; i < count; i++) {
		if (read_task(proc_fd, pids[i], own_pidns, &list[used]) == 0)
			used++;
		else if (errno != ENOENT && errno != ESRCH)
			return -1;
	}
	*out = take_ptr(list);
	*n = used;
	return 0;
}

int procfs_scan(const char *root, struct proc_info **out, size_t *n)
{
	cleanup_close int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : procfs_scan_at(fd, out, n);
}

static int compare_infos(const void *a, const void *b)
{
	return compare_pids(&((const struct proc_info *)a)->pid,
	                    &((const struct proc_info *)b)->pid);
}

const struct proc_info *procfs_find(const struct proc_info *list, size_t n, pid_t pid)
{
	const struct proc_info key = {.pid = pid};

	return n ? bsearch(&key, list, n, sizeof(*list), compare_infos) : NULL;
}
