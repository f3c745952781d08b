/* What the session's mount tree gets. init runs this in a copy of a process that may have had
 * threads, so nothing here allocates or takes a lock. */
#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_STACKED 64   /* mounts on top of each other at /proc */
#define MAX_FOREIGN 4096 /* other mounts of procfs */
#define PROC_FLAGS  (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define FLAGS       (MS_RDONLY | PROC_FLAGS) /* as statfs(2) and mount_setattr(2) call them, too */

/* --- the mounts there are, proc_pid_mountinfo(5) -----------------------------------------------
 */

struct mount {
	unsigned long id;
	dev_t dev;
	char root[PATH_MAX], point[PATH_MAX], type[32];
	const char *options;
	bool shared, slave;
};

static char table[8 << 20]; /* some 60,000 mounts; memory that is not used costs nothing */
static char *rest;

static int read_mounts(void)
{
	int fd = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd;
	size_t used = 0;

	while (n != -1 && (n = read(fd, table + used, sizeof(table) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	if (n == -1 || !used || used == sizeof(table) - 1)
		return fail("read", "mountinfo");
	table[used] = '\0';
	rest = table;
	return 0;
}

/* Undoes the escapes of mountinfo: \040 for a space and so on. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		*to = *s;
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*to = (char)((s[1] & 7) << 6 | (s[2] & 7) << 3 | (s[3] & 7));
			s += 3;
		}
	}
	*to = '\0';
}

/* 1: *m is the next mount; 0: there is none; -1: there is one that is not understood. */
static int next_mount(struct mount *m)
{
	char *line = strsep(&rest, "\n"), *tail;
	unsigned maj, min;
	int n = 0;

	if (!line || !*line)
		return 0;
	if (sscanf(line, "%lu %*u %u:%u %4095s %4095s %*s%n", &m->id, &maj, &min, m->root, m->point,
	           &n) != 5 ||
	    !n || !(tail = strstr(line + n, " - ")) || sscanf(tail, " - %31s", m->type) != 1)
		return fail_with(EPROTO, "understand", "mountinfo");
	m->options = strrchr(tail, ' ') + 1;
	*tail = '\0';
	m->shared = strstr(line + n, " shared:");
	m->slave = strstr(line + n, " master:");
	m->dev = makedev(maj, min);
	unescape(m->root);
	unescape(m->point);
	return 1;
}

/* --- building blocks ---------------------------------------------------------------------------
 */

int unshare_mounts(const struct options *opt)
{
	bool slave = opt->propagation && !strcmp(opt->propagation, "slave");
	struct mount m;
	int rc;

	if (unshare(CLONE_NEWNS) == -1)
		return fail("unshare the mount namespace", "");
	if (mount(NULL, "/", NULL, MS_REC | (slave ? MS_SLAVE : MS_PRIVATE), NULL) == -1)
		return fail("stop mount propagation to the host", "/");
	/* Checked before anything is unmounted: on a shared mount that would reach the host. */
	if (read_mounts() == -1)
		return -1;
	while ((rc = next_mount(&m)) == 1)
		if (m.shared || (m.slave && !slave))
			return fail_with(EPROTO, "stop the propagation of the mount at", m.point);
	return rc;
}

/* Sets flags of a mount. Not of its file system, which is the host's, too. */
static int set_flags(int dir, const char *path, int how, unsigned long flags)
{
	struct mount_attr attr = {.attr_set = flags};

	return mount_setattr(dir, path, how, &attr, sizeof(attr));
}

/* Mounts what is at from, seen from dir, at point, too. A procfs only if it is the session's. */
static int place(int dir, const char *from, const char *point, unsigned long flags)
{
	int fd = open_tree(dir, from, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct statfs fs = {0};
	int rc = fd == -1 || fstatfs(fd, &fs) == -1 ? -1 : 0;

	if (rc == 0 && (dir == AT_FDCWD || fs.f_type != PROC_SUPER_MAGIC))
		rc = set_flags(fd, "", AT_EMPTY_PATH, flags) == -1 ||
		             move_mount(fd, "", AT_FDCWD, point, MOVE_MOUNT_F_EMPTY_PATH) == -1
		         ? -1
		         : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Puts the session's procfs where another one is or was, its root the same. */
static int place_proc(const struct mount *m, unsigned long flags)
{
	char from[PATH_MAX + 8];

	snprintf(from, sizeof(from), "/proc%s", strcmp(m->root, "/") ? m->root : "");
	return place(AT_FDCWD, from, m->point, flags | PROC_FLAGS);
}

/* Mounts a file system that is not the one there was. */
static int replace(const char *type, const char *point, unsigned long flags, const char *data)
{
	struct file_id before, after;

	if (identify(AT_FDCWD, point, &before) == -1)
		return -1;
	if (mount(type, point, type, flags, data) == -1)
		return fail("mount a file system of the session's own at", point);
	if (identify(AT_FDCWD, point, &after) == -1)
		return -1;
	if (before.dev == after.dev)
		return fail_with(EPROTO, "find a file system of the session's own at", point);
	return 0;
}

/* --- /proc -------------------------------------------------------------------------------------
 */

/* The options for the new procfs: what the configuration says, else what the old one has. A new
 * procfs would otherwise show what the host's hidepid hides. */
static void choose_options(char *to, size_t size, const char *old, const struct options *opt)
{
	static const char *const names[] = {"hidepid=", "gid=", "subset="};
	const char *const values[] = {opt->hidepid, NULL, opt->subset};
	size_t n = 0;

	*to = '\0';
	for (int i = 0; i < 3 && n < size; i++) {
		const char *at = strstr(old, names[i]), *value = values[i];

		if (!value && at && (at == old || at[-1] == ','))
			value = at + strlen(names[i]);
		if (value)
			n += (size_t)snprintf(to + n, size - n, "%s%s%.*s", n ? "," : "", names[i],
			                      (int)strcspn(value, ","), value);
	}
}

/* Carries a mount below the old /proc over to the new one, which is mounted on it: binfmt_misc, or
 * what covers a file that sessions must not read or write. Left out are automounts, which their
 * daemon could not serve here, and what depends on the number of a process. */
static int carry(int old, const struct mount *m)
{
	const char *path = m->point + strlen("/proc/");
	struct statfs fs = {0};
	int fd, rc;

	if (!strcmp(m->type, "autofs") || (*path >= '1' && *path <= '9'))
		return 0;
	if (!strcmp(m->type, "proc")) {
		fd = openat(old, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		rc = fd == -1 || fstatfs(fd, &fs) == -1 ? -1 : place_proc(m, fs.f_flags & FLAGS);
		close(fd);
	} else {
		rc = place(old, path, m->point, 0);
	}
	return rc == -1 && errno != ENOENT ? fail("carry over the mount at", m->point) : 0;
}

/* Mounts a new procfs on top of the old one and carries over what is below; then takes all of that
 * away together, and puts only the new one back. */
static int replace_proc(const struct options *opt, dev_t *proc)
{
	int old = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), whole, rc, n = 0;
	struct file_id new;
	struct mount m;
	char data[256];

	if (old == -1 || read_mounts() == -1)
		return fail("open", "/proc");
	choose_options(data, sizeof(data), "", opt);
	while ((rc = next_mount(&m)) == 1)
		if (!strcmp(m.point, "/proc") && !strcmp(m.type, "proc"))
			choose_options(data, sizeof(data), m.options, opt);
	if (rc == -1 || replace("proc", "/proc", PROC_FLAGS, data) == -1 || read_mounts() == -1 ||
	    identify(AT_FDCWD, "/proc", &new) == -1)
		return -1;
	*proc = new.dev;
	while ((rc = next_mount(&m)) == 1)
		if (!strncmp(m.point, "/proc/", 6) && m.dev != new.dev && carry(old, &m) == -1)
			return -1;
	whole = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (rc == -1 || whole == -1)
		return rc == -1 ? -1 : fail("hold the new procfs", "");
	while (umount2("/proc", MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		if (++n > MAX_STACKED)
			return fail_with(ELOOP, "unmount", "/proc");
	/* EINVAL: nothing is mounted there any more. */
	if (errno != EINVAL ||
	    move_mount(whole, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == -1)
		return fail("put the new procfs at", "/proc");
	close(whole);
	close(old);
	return 0;
}

/* Checks the tree, and replaces every other procfs in it, all of which show processes outside. One
 * that cannot be reached, because something is mounted over it, ends the login: who may unmount the
 * cover would find it. */
static int settle_proc(dev_t proc)
{
	unsigned long last = 0;
	struct mount m;
	int rc, here, n = 0;

	do {
		here = 0;
		if (read_mounts() == -1)
			return -1;
		while ((rc = next_mount(&m)) == 1 && (strcmp(m.type, "proc") != 0 || m.dev == proc))
			here += !strcmp(m.point, "/proc");
		if (rc != 1)
			break;
		if (m.id == last || ++n > MAX_FOREIGN || !strcmp(m.point, "/") ||
		    umount2(m.point, MNT_DETACH | UMOUNT_NOFOLLOW) == -1)
			return fail_with(EBUSY, "remove another procfs from", m.point);
		last = m.id;
		/* May fail, for a directory of a process that is not here: then none is there. */
		(void)place_proc(&m, 0);
	} while (true);
	if (rc == 0 && here != 1)
		return fail_with(EPROTO, "have one mount only at", "/proc");
	return rc;
}

/* --- options -----------------------------------------------------------------------------------
 */

static int protect_cgroups(void)
{
	struct statfs fs;
	struct mount m;
	int rc;

	if (read_mounts() == -1)
		return -1;
	while ((rc = next_mount(&m)) == 1) {
		if (strncmp(m.type, "cgroup", 6) != 0)
			continue;
		if (set_flags(AT_FDCWD, m.point, 0, MS_RDONLY) == -1 || statfs(m.point, &fs) == -1)
			return fail("make read-only", m.point);
		if (!(fs.f_flags & MS_RDONLY) ||
		    (fs.f_type != CGROUP2_SUPER_MAGIC && fs.f_type != CGROUP_SUPER_MAGIC))
			return fail_with(EPROTO, "make read-only", m.point);
	}
	return rc;
}

static int replace_tmp(const char *path)
{
	/* A link would lead to somewhere that others may have a say in. */
	int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1)
		return errno == ENOENT ? 0 : fail("open", path);
	close(fd);
	return replace("tmpfs", path, MS_NOSUID | MS_NODEV, "mode=1777");
}

int replace_devpts(void)
{
	return replace("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
	               "newinstance,gid=5,mode=0620,ptmxmode=0666");
}

int make_mounts(const struct options *opt, dev_t *proc)
{
	if (unshare_mounts(opt) == -1 || replace_proc(opt, proc) == -1 ||
	    settle_proc(*proc) == -1 || (opt->readonly_cgroup && protect_cgroups() == -1) ||
	    (opt->private_tmp && (replace_tmp("/tmp") == -1 || replace_tmp("/var/tmp") == -1)))
		return -1;
	return 0;
}
