/* What the session's mount tree gets. init runs this in a copy of a process that may have had
 * threads, so nothing here allocates or takes a lock. */
#include "pam_pidns.h"

#include <limits.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#define MAX_UNMOUNTS 4096
#define PROC_FLAGS   (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* What a line of proc_pid_mountinfo(5) says. */
struct mount {
	dev_t dev;
	char root[PATH_MAX], point[PATH_MAX], type[32], options[400];
	bool readonly;
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
	table[used] = '\0';
	rest = table;
	TRY_AT(n, "mountinfo");
	DEMAND(used && used < sizeof(table) - 1, "mountinfo is complete");
	return 0;
}

/* Undoes the escapes of mountinfo: \040 for a space, \134 for a backslash. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s += *s == '\\' && s[1] && s[2] && s[3] ? 4 : 1)
		*to++ = *s == '\\' ? (char)((s[1] & 7) << 6 | (s[2] & 7) << 3 | (s[3] & 7)) : *s;
	*to = '\0';
}

/* The next mount whose line has the mark, if there is one; parsing all would take long. A line that
 * is not understood is one that nobody may have. */
static bool find_mount(const char *mark, struct mount *m)
{
	char *hit = strstr(rest, mark), *line, *tail, access = 'w';
	unsigned maj, min;

	if (!hit)
		return false;
	line = memrchr(table, '\n', (size_t)(hit - table));
	line = line ? line + 1 : table;
	rest = strchrnul(hit, '\n');
	tail = strstr(line, " - ");
	if (!tail || sscanf(tail, " - %31s", m->type) != 1 ||
	    sscanf(line, "%*u %*u %u:%u %4095s %4095s r%c", &maj, &min, m->root, m->point,
	           &access) != 5) {
		*m = (struct mount){.point = "?", .type = "proc"};
		return true;
	}
	m->dev = makedev(maj, min);
	m->readonly = access == 'o';
	tail = memrchr(line, ' ', (size_t)(rest - line));
	snprintf(m->options, sizeof(m->options), "%.*s", (int)(rest - tail - 1), tail + 1);
	unescape(m->point);
	return true;
}

int unshare_mounts(const struct options *opt)
{
	const char *how = opt->propagation ? opt->propagation : "private";
	struct file_id before = identify(AT_FDCWD, NS_MNT);
	bool slave = !strcmp(how, "slave");

	if (!slave && strcmp(how, "private") != 0)
		return fail(EINVAL, "propagation", how);
	TRY(unshare(CLONE_NEWNS));
	DEMAND(!is_same(before, identify(AT_FDCWD, NS_MNT)), "there is a new mount namespace");
	TRY(mount(NULL, "/", NULL, MS_REC | (slave ? MS_SLAVE : MS_PRIVATE), NULL));
	/* Checked before anything is unmounted: on a shared mount that would reach the host. */
	TRY(read_mounts()); /* where a path with a space has \040 */
	DEMAND(!strstr(table, " shared:") && (slave || !strstr(table, " master:")),
	       "no mount propagates");
	return 0;
}

/* Mounts what is at from, seen from dir, at point, too. */
static int place(int dir, const char *from, const char *point, unsigned long flags)
{
	struct mount_attr attr = {.attr_set = flags};
	int fd = open_tree(dir, from, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	int rc = fd == -1 ? -1 : mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr));

	if (rc == 0)
		rc = move_mount(fd, "", AT_FDCWD, point, MOVE_MOUNT_F_EMPTY_PATH);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Puts the session's procfs where another one is or was, its root the same. */
static int place_proc(const struct mount *m)
{
	char from[PATH_MAX + 8];

	snprintf(from, sizeof(from), "/proc%s", m->root);
	return place(AT_FDCWD, from, m->point, PROC_FLAGS | (m->readonly ? MS_RDONLY : 0));
}

int replace(const char *type, const char *point, unsigned long flags, const char *data)
{
	struct file_id before = identify(AT_FDCWD, point);

	TRY_AT(mount(type, point, type, flags, data), point);
	DEMAND(!is_same(before, identify(AT_FDCWD, point)), "there is a new file system");
	return 0;
}

/* Carries a mount below the old /proc over to the new one, which is mounted on it: binfmt_misc, or
 * what hides a file. Left out are automounts, which their daemon could not serve here, and what is
 * below the number of a process. */
static int carry(int old, const struct mount *m)
{
	const char *path = m->point + strlen("/proc/");
	int rc = 0;

	if (!strcmp(m->type, "autofs") || (*path >= '1' && *path <= '9'))
		return 0;
	if (!strcmp(m->type, "proc"))
		rc = place_proc(m);
	else if (identify(old, path).dev != identify(old, "").dev) /* else it is covered itself */
		rc = place(old, path, m->point, 0);
	return rc == -1 && errno != ENOENT ? fail(errno, "carry over", m->point) : 0;
}

/* Mounts a new procfs on the old one and carries over what is below; then takes all away, and puts
 * only the new one back. Options of the configuration follow those of the old one, and so win. */
static int replace_proc(const struct options *opt, dev_t *proc)
{
	int old = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), whole, n = 0;
	struct mount m;
	char data[512] = "rw", self[16] = "";

	TRY(old);
	while (find_mount(" /proc ", &m))
		if (!strcmp(m.point, "/proc") && !strcmp(m.type, "proc"))
			snprintf(data, sizeof(data), "%s%s%s%s%s", m.options,
			         opt->hidepid ? ",hidepid=" : "", opt->hidepid ? opt->hidepid : "",
			         opt->subset ? ",subset=" : "", opt->subset ? opt->subset : "");
	TRY(replace("proc", "/proc", PROC_FLAGS, data));
	*proc = identify(AT_FDCWD, "/proc").dev;
	rest = table;
	while (find_mount(" /proc/", &m))
		if (!strncmp(m.point, "/proc/", 6))
			TRY(carry(old, &m));
	TRY(whole = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | AT_RECURSIVE));
	while (n++ < MAX_UNMOUNTS && umount2("/proc", MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno != EINVAL) /* nothing is mounted there any more */
		return fail(errno, "unmount", "/proc");
	TRY(move_mount(whole, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH));
	TRY(readlink("/proc/self", self, sizeof(self) - 1));
	DEMAND(!strcmp(self, "1"), "init is process 1 in /proc");
	return 0;
}

/* Replaces every other procfs in the tree, all of which show processes outside. One that something
 * is mounted over ends the login: who may unmount the cover would find it. */
static int settle_proc(dev_t proc)
{
	struct mount m;

	for (int n = 0; n < MAX_UNMOUNTS; n++) {
		bool found = false;
		int here = 0;

		TRY(read_mounts());
		while (!found && find_mount("proc", &m)) {
			found = !strcmp(m.type, "proc") && m.dev != proc;
			here += !strcmp(m.point, "/proc");
		}
		DEMAND(found || here == 1, "there is one mount at /proc");
		if (!found)
			return 0;
		TRY_AT(umount2(m.point, MNT_DETACH | UMOUNT_NOFOLLOW), m.point);
		/* May fail, for a directory of a process that is not here: then none is there. */
		(void)place_proc(&m);
	}
	return fail(EBUSY, "remove another procfs from", m.point);
}

/* Read-only are the mounts, not their file systems, which are the host's, too. */
static int protect_cgroups(void)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	struct statfs fs;
	struct mount m;

	rest = table;
	while (find_mount(" - cgroup", &m)) {
		if (strncmp(m.type, "cgroup", 6) != 0)
			continue;
		TRY_AT(mount_setattr(AT_FDCWD, m.point, 0, &attr, sizeof(attr)), m.point);
		TRY_AT(statfs(m.point, &fs), m.point);
		if (!(fs.f_flags & MS_RDONLY) ||
		    (fs.f_type != CGROUP2_SUPER_MAGIC && fs.f_type != CGROUP_SUPER_MAGIC))
			return fail(EPROTO, "make read-only", m.point);
	}
	return 0;
}

int make_mounts(const struct options *opt)
{
	dev_t proc = 0;

	TRY(unshare_mounts(opt));
	TRY(replace_proc(opt, &proc));
	TRY(settle_proc(proc));
	if (opt->readonly_cgroup)
		TRY(protect_cgroups());
	if (opt->private_tmp) {
		TRY(replace("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"));
		TRY(replace("tmpfs", "/var/tmp", MS_NOSUID | MS_NODEV, "mode=1777"));
	}
	return 0;
}
