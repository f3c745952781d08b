/* What init does to the mount tree. It runs in a copy of a process that may have had threads, so
 * nothing here allocates or takes a lock. */
#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_STACKED 64   /* mounts on top of each other at /proc */
#define MAX_FOREIGN 4096 /* other mounts of procfs */
#define MAX_CARRIED 32   /* mounts below /proc */

/* One line of /proc/PID/mountinfo, proc_pid_mountinfo(5). */
struct mount_line {
	unsigned long id;
	dev_t dev;
	const char *root, *point, *type, *options;
	bool shared, slave;
};

struct mount_reader {
	int fd;
	size_t used, next;
	char buf[16384];
};

static int rewind_reader(struct mount_reader *r)
{
	r->used = r->next = 0;
	return lseek(r->fd, 0, SEEK_SET) == -1 ? -1 : 0;
}

/* Undoes the escapes of mountinfo: \040 for a space and so on. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*to++ = (char)((s[1] & 7) << 6 | (s[2] & 7) << 3 | (s[3] & 7));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static int parse_mount(char *line, struct mount_line *m)
{
	char *field[6], *f, *end;
	unsigned long maj;

	*m = (struct mount_line){0};
	for (int i = 0; i < 6; i++)
		if (!(field[i] = strsep(&line, " ")))
			return -1;
	while ((f = strsep(&line, " ")) && strcmp(f, "-") != 0) {
		m->shared |= !strncmp(f, "shared:", 7);
		m->slave |= !strncmp(f, "master:", 7);
	}
	m->type = strsep(&line, " ");
	if (!m->type || !strsep(&line, " ") || !(m->options = strsep(&line, " ")))
		return -1;
	m->id = strtoul(field[0], NULL, 10);
	maj = strtoul(field[2], &end, 10);
	if (*end != ':')
		return -1;
	m->dev = makedev(maj, strtoul(end + 1, NULL, 10));
	unescape(field[3]);
	unescape(field[4]);
	m->root = field[3];
	m->point = field[4];
	return 0;
}

/* 1: *m is the next mount, its strings good until the next call; 0: there is none; -1: errno. */
static int next_mount(struct mount_reader *r, struct mount_line *m)
{
	for (;;) {
		char *line = r->buf + r->next;
		char *end = memchr(line, '\n', r->used - r->next);
		ssize_t n;

		if (end) {
			*end = '\0';
			r->next = (size_t)(end + 1 - r->buf);
			if (parse_mount(line, m) == 0)
				return 1;
			errno = EPROTO;
			return -1;
		}
		memmove(r->buf, line, r->used -= r->next);
		r->next = 0;
		if (r->used == sizeof(r->buf)) {
			errno = EOVERFLOW;
			return -1;
		}
		n = read(r->fd, r->buf + r->used, sizeof(r->buf) - r->used);
		if (n <= 0)
			return (int)n;
		r->used += (size_t)n;
	}
}

int check_propagation(int mountinfo, unsigned long propagation, struct failure *why)
{
	struct mount_reader r = {.fd = mountinfo};
	struct mount_line m;
	bool any = false;
	int rc;

	while ((rc = next_mount(&r, &m)) == 1) {
		any = true;
		if (m.shared || (m.slave && propagation == MS_PRIVATE))
			return fail_with(why, EPROTO, "stop the propagation of the mount at",
			                 m.point);
	}
	if (rc == -1 || !any)
		return fail(why, "read", "mountinfo");
	return 0;
}

static bool is_below_proc(const char *path)
{
	return !strncmp(path, "/proc/", 6);
}

/* The mounts below the old /proc that are put back below the new one. */
struct carried {
	int n;
	int fd[MAX_CARRIED];
	char path[MAX_CARRIED][128];
};

/* Keeps a copy of a mount below /proc: binfmt_misc, or what covers a file that sessions must not
 * read. Left out are automounts, which their daemon could not serve here, and what depends on the
 * number of a process. */
static int carry(struct carried *c, const struct mount_line *m, struct failure *why)
{
	struct statfs fs = {0};
	int fd;

	if (!strcmp(m->type, "proc") || !strcmp(m->type, "autofs") ||
	    (m->point[6] >= '1' && m->point[6] <= '9'))
		return 0;
	if (c->n == MAX_CARRIED || strlen(m->point) >= sizeof(c->path[0]))
		return fail_with(why, E2BIG, "carry over the mount at", m->point);
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, m->point,
	                  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (fd == -1)
		return errno == ENOENT ? 0 : fail(why, "carry over the mount at", m->point);
	if (fstatfs(fd, &fs) == -1 || fs.f_type == PROC_SUPER_MAGIC) {
		close(fd); /* it was mounted on a /proc that another one covers */
		return 0;
	}
	memcpy(c->path[c->n], m->point, strlen(m->point) + 1);
	c->fd[c->n++] = fd;
	return 0;
}

static int put_back(struct carried *c, struct failure *why)
{
	for (int i = 0; i < c->n; i++) {
		if (syscall(SYS_move_mount, c->fd[i], "", AT_FDCWD, c->path[i],
		            MOVE_MOUNT_F_EMPTY_PATH) == -1 &&
		    errno != ENOENT)
			return fail(why, "put back the mount at", c->path[i]);
		close(c->fd[i]);
	}
	return 0;
}

static void append_option(char *to, size_t size, const char *name, const char *value, size_t n)
{
	size_t used = strlen(to);

	if (used + strlen(name) + n + 2 >= size)
		return;
	if (used)
		to[used++] = ',';
	memcpy(mempcpy(to + used, name, strlen(name)), value, n);
	to[used + strlen(name) + n] = '\0';
}

/* The options for the new procfs: what the configuration says, else what the old one has. A new
 * procfs would otherwise show what the host's hidepid hides. */
static void choose_options(char *to, size_t size, const char *old, const struct options *opt)
{
	static const char *const names[] = {"hidepid=", "gid=", "subset="};
	const char *const values[] = {opt->hidepid, NULL, opt->subset};

	*to = '\0';
	for (int i = 0; i < 3; i++) {
		const char *found = values[i] ? NULL : strstr(old, names[i]);

		if (values[i])
			append_option(to, size, names[i], values[i], strlen(values[i]));
		else if (found && (found == old || found[-1] == ','))
			append_option(to, size, "", found, strcspn(found, ","));
	}
}

/* Looks at the old tree: options of the top mount at /proc, and the mounts below it. */
static int survey(struct mount_reader *r, const struct options *opt, char *data, size_t size,
                  struct carried *c, struct failure *why)
{
	struct mount_line m;
	int rc;

	choose_options(data, size, "", opt);
	while ((rc = next_mount(r, &m)) == 1) {
		if (!strcmp(m.point, "/proc") && !strcmp(m.type, "proc"))
			choose_options(data, size, m.options, opt);
		else if (is_below_proc(m.point) && carry(c, &m, why) == -1)
			return -1;
	}
	return rc == -1 ? fail(why, "read", "mountinfo") : 0;
}

/* Takes away whatever is mounted at /proc, with all that is below it. */
static int clear_proc(struct failure *why)
{
	int n = 0;

	while (umount2("/proc", MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		if (++n > MAX_STACKED)
			return fail_with(why, ELOOP, "unmount", "/proc");
	/* EINVAL: nothing is mounted there any more. */
	return errno == EINVAL ? 0 : fail(why, "unmount", "/proc");
}

/* Finds a procfs that is not the new one. Returns as next_mount. */
static int find_foreign(struct mount_reader *r, dev_t own, struct mount_line *m)
{
	int rc = rewind_reader(r);

	while (rc != -1 && (rc = next_mount(r, m)) == 1)
		if (!strcmp(m->type, "proc") && m->dev != own)
			break;
	return rc;
}

/* Replaces every other procfs in the tree, all of which show processes outside, by the new one. One
 * that cannot be reached, because something is mounted over it, ends the login: who may unmount the
 * cover would find it. */
static int replace_foreign(struct mount_reader *r, dev_t own, struct failure *why)
{
	char source[4096] = "/proc";
	unsigned long last = 0;
	struct mount_line m;
	int rc, n = 0;

	while ((rc = find_foreign(r, own, &m)) == 1) {
		if (m.id == last || ++n > MAX_FOREIGN || !strcmp(m.point, "/"))
			return fail_with(why, EBUSY, "remove another procfs from", m.point);
		last = m.id;
		if (umount2(m.point, MNT_DETACH | UMOUNT_NOFOLLOW) == -1)
			return fail(why, "remove another procfs from", m.point);
		source[5] = '\0';
		if (strcmp(m.root, "/") != 0)
			strncat(source, m.root, sizeof(source) - 6);
		/* May fail, for a directory of a process that is not here: then none is there. */
		(void)mount(source, m.point, NULL, MS_BIND, NULL);
	}
	return rc == -1 ? fail(why, "read", "mountinfo") : 0;
}

static int check_tree(struct mount_reader *r, dev_t own, struct failure *why)
{
	struct mount_line m;
	int rc = rewind_reader(r), at_proc = 0;

	while (rc != -1 && (rc = next_mount(r, &m)) == 1) {
		if (!strcmp(m.type, "proc") && m.dev != own)
			return fail_with(why, EPROTO, "remove another procfs from", m.point);
		if (!strcmp(m.point, "/proc")) {
			if (m.dev != own || at_proc++)
				return fail_with(why, EPROTO, "have one mount only at", "/proc");
		}
	}
	if (rc == -1)
		return fail(why, "read", "mountinfo");
	return at_proc ? 0 : fail_with(why, EPROTO, "find the new procfs at", "/proc");
}

int replace_proc(const struct options *opt, struct failure *why)
{
	/* Opened in the old /proc, which it outlives: it lists the mounts as they are when read. */
	struct mount_reader r = {.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
	struct carried carried = {0};
	struct statfs fs = {0};
	struct stat st = {0};
	char data[256];
	int rc;

	if (r.fd == -1)
		return fail(why, "open", "/proc/self/mountinfo");
	if (survey(&r, opt, data, sizeof(data), &carried, why) == -1 || clear_proc(why) == -1)
		return -1;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, data) == -1)
		return fail(why, "mount the new procfs", data);
	if (statfs("/proc", &fs) == -1 || fs.f_type != PROC_SUPER_MAGIC || stat("/proc", &st) == -1)
		return fail_with(why, EPROTO, "find the new procfs at", "/proc");
	rc = replace_foreign(&r, st.st_dev, why);
	if (rc == 0)
		rc = put_back(&carried, why);
	if (rc == 0)
		rc = check_tree(&r, st.st_dev, why);
	close(r.fd);
	return rc;
}
