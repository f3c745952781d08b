#include "common/procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
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
	uint64_t inode = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/%s", who, which);
	n = readlinkat(proc_fd, path, link, sizeof(link) - 1);
	if (n < 0)
		return 0;
	link[n] = '\0';
	if (sscanf(link, "%*[a-z_]:[%" SCNu64 "]", &inode) != 1)
		errno = EINVAL;
	return inode;
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

/* "PID (COMM) STATE ...": COMM may contain anything, parentheses too, so its end is the last one.
 */
static int parse_stat(char *stat, struct proc_info *p)
{
	char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	unsigned long flags, utime, stime;

	if (!open || !close || close < open)
		goto bad;
	snprintf(p->comm, sizeof(p->comm), "%.*s", (int)(close - open - 1), open + 1);
	if (sscanf(
	        close + 1,
	        " %c %d %d %d %*d %*d %lu %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %u %*d %" SCNu64,
	        &p->state, &p->ppid, &p->pgid, &p->sid, &flags, &utime, &stime, &p->threads,
	        &p->start_ticks) != 9)
		goto bad;
	p->kthread = flags & KTHREAD_FLAG;
	p->cpu_ticks = utime + stime;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}

static void parse_status(const char *status, struct proc_info *p)
{
	const char *uid = strstr(status, "\nUid:"), *nspid = strstr(status, "\nNSpid:");

	if (uid)
		sscanf(uid, "\nUid: %*u %u", &p->uid);
	if (!nspid)
		return;
	nspid += strlen("\nNSpid:");
	while (p->levels < PROCFS_MAX_LEVELS && *nspid == '\t') {
		char *end;

		p->nspid[p->levels] = (pid_t)strtol(nspid, &end, 10);
		if (end == nspid)
			break;
		p->levels++;
		nspid = end;
	}
}

int procfs_read_at(int proc_fd, pid_t pid, struct proc_info *info)
{
	cleanup_free char *stat = NULL, *status = NULL;
	char who[16], path[32];

	*info = (struct proc_info){.pid = pid};
	snprintf(who, sizeof(who), "%d", pid);
	snprintf(path, sizeof(path), "%s/stat", who);
	stat = procfs_file_at(proc_fd, path, NULL);
	if (!stat || parse_stat(stat, info) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/status", who);
	status = procfs_file_at(proc_fd, path, NULL);
	if (!status)
		return -1;
	parse_status(status, info);
	info->pidns = procfs_ns_at(proc_fd, who, "pid");
	info->mntns = procfs_ns_at(proc_fd, who, "mnt");
	return 0;
}

int procfs_scan_at(int proc_fd, struct proc_info **out, size_t *n)
{
	cleanup_free struct proc_info *list = NULL;
	cleanup_free pid_t *pids = NULL;
	size_t count, used = 0;
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
	for (size_t i = 0; i < count; i++) {
		if (procfs_read_at(proc_fd, pids[i], &list[used]) == 0)
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
