/* Which descriptors the session's program was given, and whether one leads outside. A descriptor
 * keeps the mount it was opened on: unshare(2) moves only cwd and root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446 /* linux/magic.h since 6.9 */
#endif

extern char **environ;

/* Where the descriptor leads, without its number: "pipe", "anon_inode", "tty", a type of file. */
static const char *kind_of(int fd, char *link, size_t size)
{
	char path[32];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, size - 1);
	link[n > 0 ? n : 0] = '\0';
	if (link[0] && link[0] != '/') {
		link[strcspn(link, ":")] = '\0';
		return link;
	}
	if (isatty(fd))
		return "tty";
	if (fstat(fd, &st) < 0)
		return "unknown";
	return S_ISDIR(st.st_mode)   ? link[0] ? link : "directory"
	       : S_ISREG(st.st_mode) ? "file"
	       : S_ISCHR(st.st_mode) ? "device"
	                             : "other";
}

/* An inherited one was not to be closed on exec. */
static bool is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static void add(json_t *list, int fd)
{
	char link[128];

	json_array_append_new(list, json_sprintf("%d %s", fd, kind_of(fd, link, sizeof(link))));
}

/* Is the mount that the open file or path lies on in the own mount table? */
static bool on_outer_mount(int fd, const char *path, const char *mountinfo)
{
	struct statx stx;
	char line[32];

	if (statx(fd, path, AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_MNT_ID, &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID) || !S_ISDIR(stx.stx_mode))
		return false;
	snprintf(line, sizeof(line), "\n%llu ", (unsigned long long)stx.stx_mnt_id);
	return strstr(mountinfo, line + 1) != mountinfo && !strstr(mountinfo, line);
}

static bool is_namespace(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

static bool is_own_namespace(int fd)
{
	static const char *const own[] = {
	    "pid", "pid_for_children", "mnt", "net", "ipc", "user", "uts", "cgroup"};
	struct stat st, mine;
	char path[48];

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", own[i]);
		if (stat(path, &mine) == 0 && mine.st_ino == st.st_ino && mine.st_dev == st.st_dev)
			return true;
	}
	return false;
}

/* fdinfo of a pidfd: "Pid: 0" if the process is not in this procfs' namespace (proc(5)). */
static bool is_foreign_pidfd(int fd)
{
	cleanup_free char *text = NULL;
	char path[40];
	const char *at;

	snprintf(path, sizeof(path), "self/fdinfo/%d", fd);
	{
		cleanup_close int proc = open("/proc", O_PATH | O_CLOEXEC);

		text = procfs_file_at(proc, path, NULL);
	}
	at = text ? strstr(text, "\nPid:") : NULL;
	return at && atoi(at + strlen("\nPid:")) != getpid();
}

struct found {
	json_t *inherited, *outer_dirs, *namespaces, *pidfds;
};

static void look_at(int fd, const char *mountinfo, const struct found *f)
{
	add(f->inherited, fd);
	if (on_outer_mount(fd, "", mountinfo))
		add(f->outer_dirs, fd);
	if (is_namespace(fd) && !is_own_namespace(fd))
		add(f->namespaces, fd);
	if (is_foreign_pidfd(fd))
		add(f->pidfds, fd);
}

static int look(const struct session *s, struct found *f)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *mountinfo = procfs_file_at(proc, "self/mountinfo", NULL);
	cleanup_free pid_t *numbers = NULL;
	size_t n = 0;

	if (proc < 0 || !mountinfo || procfs_numbers_at(proc, "self/fd", &numbers, &n) < 0)
		return fault(s, "list the descriptors: %s", strerror(errno));
	*f = (struct found){json_array(), json_array(), json_array(), json_array()};
	for (size_t i = 0; i < n; i++)
		if (is_inherited(numbers[i]))
			look_at(numbers[i], mountinfo, f);
	if (on_outer_mount(AT_FDCWD, ".", mountinfo))
		json_array_append_new(f->outer_dirs, json_string("cwd"));
	if (on_outer_mount(AT_FDCWD, "/", mountinfo))
		json_array_append_new(f->outer_dirs, json_string("root"));
	return 0;
}

static void drop(struct found *f)
{
	json_decref(f->inherited);
	json_decref(f->outer_dirs);
	json_decref(f->namespaces);
	json_decref(f->pidfds);
}

int step_descriptors(struct session *s, long number)
{
	struct found f;
	int rc = look(s, &f);

	(void)number;
	if (rc < 0)
		return -1;
	if (observe(s, "descriptors.inherited", json_incref(f.inherited)) < 0 ||
	    observe(s, "descriptors.outer_dirs", json_incref(f.outer_dirs)) < 0)
		rc = -1;
	drop(&f);
	return rc;
}

/* Names of variables whose value holds, as a number of its own, the pid of a victim. */
static json_t *outer_pids_in_environment(const struct victim *victims, size_t n)
{
	json_t *names = json_array();

	for (char **e = environ; *e; e++) {
		const char *value = strchr(*e, '=');
		bool hit = false;

		for (const char *at = value ? value + 1 : ""; *at && !hit;) {
			size_t digits = strspn(at, "0123456789");

			for (size_t v = 0; digits && v < n; v++)
				hit |= strtol(at, NULL, 10) == victims[v].pid;
			at += digits ? digits : 1;
		}
		if (hit)
			json_array_append_new(names, json_stringn(*e, (size_t)(value - *e)));
	}
	return names;
}

int step_handles(struct session *s, long number)
{
	cleanup_free struct victim *victims = NULL;
	struct found f = {0};
	size_t n = 0;
	int rc;

	(void)number;
	if (read_victims(s, &victims, &n) < 0 || look(s, &f) < 0)
		return -1;
	rc = observe(s, "handles.outer_dirs", json_incref(f.outer_dirs)) < 0 ||
	             observe(s, "handles.namespaces", json_incref(f.namespaces)) < 0 ||
	             observe(s, "handles.pidfds", json_incref(f.pidfds)) < 0 ||
	             observe(s, "handles.owner", json_integer(fcntl(0, F_GETOWN))) < 0 ||
	             observe(s, "handles.environment", outer_pids_in_environment(victims, n)) < 0
	         ? -1
	         : 0;
	drop(&f);
	return rc;
}
