/* The namespaces of a session, who is in them when, and what must not lead out of them. */
#include "pam_pidns.h"

#include <dirent.h>
#include <limits.h>
#include <sys/mount.h>

#define NS_PID      "/proc/thread-self/ns/pid"
#define NS_CHILDREN "/proc/thread-self/ns/pid_for_children"
#define PIDFS_MAGIC 0x50494446 /* in linux/magic.h since 6.9 */

struct file_id identify(int fd, const char *path)
{
	struct stat st = {0};

	return fstatat(fd, path, &st, AT_EMPTY_PATH) == -1 ? (struct file_id){0, 0}
	                                                   : (struct file_id){st.st_dev, st.st_ino};
}

bool is_same(struct file_id a, struct file_id b)
{
	return a.ino && a.ino == b.ino && a.dev == b.dev;
}

/* Sets close-on-exec on a way out of the session; fails if it is standard input, output or error. A
 * directory leads to "..", a namespace to setns(), a pidfd to pidfd_getfd(). A file of the old
 * /proc is no way out if somebody wants it read. */
static int guard_descriptor(int dir, const char *name)
{
	int fd = atoi(name), flags = fcntl(fd, F_GETFD);
	char link[32] = "";
	struct statfs fs;
	struct stat st;

	if (flags == -1 || flags & FD_CLOEXEC)
		return 0;
	if (fstat(fd, &st) == 0 && fstatfs(fd, &fs) == 0 && !S_ISDIR(st.st_mode) &&
	    fs.f_type != NSFS_MAGIC && fs.f_type != PIDFS_MAGIC &&
	    (fs.f_type != PROC_SUPER_MAGIC || fd <= 2) &&
	    readlinkat(dir, name, link, sizeof(link) - 1) > 0 &&
	    strcmp(link, "anon_inode:[pidfd]") != 0)
		return 0;
	if (fd <= 2)
		return fail(EPERM, "pass a way out of the session as descriptor", name);
	TRY(fcntl(fd, F_SETFD, flags | FD_CLOEXEC));
	return 0;
}

static int guard_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int rc = dir ? 0 : -1;

	while (rc == 0 && (errno = 0, e = readdir(dir)))
		if (e->d_name[0] != '.')
			rc = guard_descriptor(dirfd(dir), e->d_name);
	if (rc == -1 || errno)
		rc = fail(errno, "look at descriptors in", "/proc/self/fd");
	if (dir)
		closedir(dir);
	return rc;
}

static int keep(struct session *s, enum handle h, const char *path)
{
	TRY_AT(s->fd[h] = open(path, O_RDONLY | O_CLOEXEC), path);
	return 0;
}

static void close_handles(struct session *s)
{
	for (int h = 0; h < HANDLES; h++) {
		if (s->fd[h] >= 0)
			close(s->fd[h]);
		s->fd[h] = -1;
	}
}

/* Enters a mount namespace and a root directory in it. Stays in the working directory if it is
 * there, too, under its name: the old /proc is not, nor what a private /tmp covers. */
static int enter_mounts(int mnt, int root)
{
	struct file_id here = identify(AT_FDCWD, "");
	char cwd[PATH_MAX] = "";

	syscall(SYS_getcwd, cwd, sizeof(cwd));
	TRY(setns(mnt, CLONE_NEWNS));
	TRY(fchdir(root));
	TRY(chroot("."));
	if (chdir(cwd) == -1 || !is_same(here, identify(AT_FDCWD, "")))
		TRY(chdir("/"));
	return 0;
}

int start_children(const struct session *s, enum handle where)
{
	struct file_id there = identify(s->fd[where], ""), own = identify(AT_FDCWD, NS_PID);

	TRY(setns(s->fd[where], CLONE_NEWPID));
	DEMAND(is_same(there, identify(AT_FDCWD, NS_CHILDREN)), "children start where they should");
	DEMAND(own.ino && is_same(there, own) == (where == OUTSIDE),
	       "they start inside or outside");
	return 0;
}

/* A child that is made by vfork(2) or clone(2) runs no fork handlers, so it would see the caller's
 * mounts. Where the init of its PID namespace is dead it cannot be made: ENOMEM. */
static int make_closed(struct session *s)
{
	pid_t pid;

	TRY(unshare(CLONE_NEWPID));
	TRY(pid = fork_quietly());
	if (pid == 0)
		_exit(0);
	TRY(waitpid(pid, NULL, __WALL));
	TRY(keep(s, CLOSED, NS_CHILDREN));
	return start_children(s, OUTSIDE);
}

int make_session(struct session *s)
{
	char root[32], mnt[32];
	struct statfs fs;

	s->owner = getpid();
	s->thread = gettid();
	s->init = 0;
	for (int h = 0; h < HANDLES; h++)
		s->fd[h] = -1;
	TRY(statfs("/proc", &fs));
	DEMAND(fs.f_type == PROC_SUPER_MAGIC, "/proc is a procfs");
	TRY(keep(s, OUTSIDE, NS_PID));
	DEMAND(is_same(identify(AT_FDCWD, NS_PID), identify(AT_FDCWD, NS_CHILDREN)),
	       "the caller has made no PID namespace itself");
	TRY(guard_descriptors());
	if (s->opt.private_terminal) {
		TRY(keep(s, OLD_ROOT, "/"));
		TRY(keep(s, OLD_MOUNTS, NS_MNT));
		TRY(unshare_mounts(&s->opt));
		TRY(replace("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
		            "gid=5,mode=620,ptmxmode=666"));
	}
	s->mnt = identify(AT_FDCWD, NS_MNT);
	s->root = identify(AT_FDCWD, "/");
	TRY(make_closed(s));
	TRY(unshare(CLONE_NEWPID));
	TRY(start_init(&s->opt, &s->init, &s->proc));
	snprintf(root, sizeof(root), "/proc/%d/root", (int)s->init);
	snprintf(mnt, sizeof(mnt), "/proc/%d/ns/mnt", (int)s->init);
	TRY(keep(s, ROOT, root));
	TRY(keep(s, MOUNTS, mnt));
	TRY(keep(s, INSIDE, NS_CHILDREN));
	DEMAND(!is_same(s->mnt, identify(s->fd[MOUNTS], "")), "init has mounts of its own");
	TRY(start_children(s, INSIDE));
	return start_children(s, CLOSED);
}

int leave_session(struct session *s, bool keep_background)
{
	int rc = 0;

	if (s->init > 0)
		signal_init(s->init, keep_background ? SIGUSR1 : SIGKILL);
	if (s->fd[OLD_MOUNTS] >= 0)
		rc = enter_mounts(s->fd[OLD_MOUNTS], s->fd[OLD_ROOT]);
	if (s->fd[OUTSIDE] >= 0 && start_children(s, OUTSIDE) == -1)
		rc = -1;
	close_handles(s);
	if (s->init > 0 && !keep_background)
		reap_init(s->init);
	return rc;
}

bool is_elsewhere(const struct session *s)
{
	return !is_same(s->mnt, identify(AT_FDCWD, NS_MNT)) ||
	       !is_same(s->root, identify(AT_FDCWD, "/"));
}

int join_session(struct session *s)
{
	char self[16] = "";
	int rc = enter_mounts(s->fd[MOUNTS], s->fd[ROOT]);

	close_handles(s); /* sshd(8) runs the user's side in a child that never calls exec */
	TRY(rc);
	TRY(readlink("/proc/self", self, sizeof(self) - 1));
	DEMAND(identify(AT_FDCWD, "/proc").dev == s->proc, "the session's procfs is at /proc");
	DEMAND(atoi(self) == getpid(), "the child is in it");
	return guard_descriptors();
}
