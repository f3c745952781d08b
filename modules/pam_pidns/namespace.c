/* The namespaces of a session, and who is in them when. */
#include "pam_pidns.h"

#include <limits.h>
#include <sys/mount.h>

#define NS_PID      "/proc/thread-self/ns/pid"
#define NS_CHILDREN "/proc/thread-self/ns/pid_for_children"

struct file_id identify(int fd, const char *path)
{
	struct stat st = {0};

	fstatat(fd, path, &st, AT_EMPTY_PATH);
	return (struct file_id){st.st_dev, st.st_ino};
}

bool is_same(struct file_id a, struct file_id b)
{
	return a.ino && a.ino == b.ino && a.dev == b.dev;
}

static int keep(struct session *s, enum handle h, const char *path)
{
	TRY_AT(s->fd[h] = open(path, O_RDONLY | O_CLOEXEC), path);
	return 0;
}

static void close_handles(struct session *s)
{
	for (int h = 0; h < HANDLES; h++) {
		close(s->fd[h]);
		s->fd[h] = -1;
	}
}

/* Enters a mount namespace and a root directory in it. Stays in the working directory if it is
 * there, too, under its name: what is in the old /proc is not, nor what a private /tmp covers. */
static int enter_mounts(int mnt, int root)
{
	struct file_id here = identify(AT_FDCWD, "");
	char cwd[PATH_MAX] = "";

	syscall(SYS_getcwd, cwd, sizeof(cwd));
	TRY(setns(mnt, CLONE_NEWNS));
	TRY(fchdir(root));
	TRY(chroot("."));
	if (chdir(cwd) == -1 ||
	    (strcmp(cwd, "/proc") != 0 && !is_same(here, identify(AT_FDCWD, ""))))
		TRY(chdir("/"));
	return 0;
}

int start_children(const struct session *s, enum handle where)
{
	TRY(setns(s->fd[where], CLONE_NEWPID));
	DEMAND(is_same(identify(s->fd[where], ""), identify(AT_FDCWD, NS_CHILDREN)),
	       "children start where they should");
	return 0;
}

static int end(void *unused)
{
	(void)unused;
	return 0;
}

/* A child that is made by vfork(2) or clone(2) runs no fork handlers, so it would see the caller's
 * mounts. Where the init of its PID namespace is dead it cannot be made: ENOMEM. This init shares
 * the caller's memory, for it would take long to copy, and the caller waits until it is dead. */
static int make_closed(struct session *s)
{
	_Alignas(16) char stack[4096];
	pid_t pid;

	TRY(unshare(CLONE_NEWPID));
	TRY(pid = clone(end, stack + sizeof(stack), CLONE_VM | CLONE_VFORK, NULL));
	TRY(waitpid(pid, NULL, __WALL));
	TRY(keep(s, CLOSED, NS_CHILDREN));
	DEMAND(!is_same(identify(s->fd[CLOSED], ""), identify(s->fd[OUTSIDE], "")),
	       "this is not the caller's own");
	return start_children(s, OUTSIDE);
}

int make_session(struct session *s)
{
	char root[32], mnt[32];

	s->owner = getpid();
	s->thread = gettid();
	s->init = 0;
	for (int h = 0; h < HANDLES; h++)
		s->fd[h] = -1;
	TRY(keep(s, OUTSIDE, NS_PID));
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
	TRY(start_init(&s->opt, &s->init));
	snprintf(root, sizeof(root), "/proc/%d/root", (int)s->init);
	snprintf(mnt, sizeof(mnt), "/proc/%d/ns/mnt", (int)s->init);
	TRY(keep(s, ROOT, root));
	TRY(keep(s, MOUNTS, mnt));
	TRY(keep(s, INSIDE, NS_CHILDREN));
	DEMAND(!is_same(s->mnt, identify(s->fd[MOUNTS], "")), "init has mounts of its own");
	s->proc = identify(s->fd[ROOT], "proc").dev;
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
	rc |= s->fd[OUTSIDE] >= 0 ? start_children(s, OUTSIDE) : 0;
	close_handles(s);
	if (s->init > 0 && !keep_background)
		reap_init(s->init);
	return rc;
}

int join_session(struct session *s)
{
	char self[16] = "";

	TRY(enter_mounts(s->fd[MOUNTS], s->fd[ROOT]));
	DEMAND(is_same(identify(s->fd[MOUNTS], ""), identify(AT_FDCWD, NS_MNT)),
	       "the session's mounts are the child's");
	close_handles(s); /* sshd(8) runs the user's side in a child that never calls exec */
	TRY(readlink("/proc/self", self, sizeof(self) - 1));
	DEMAND(identify(AT_FDCWD, "/proc").dev == s->proc, "the session's procfs is at /proc");
	DEMAND(atoi(self) == getpid(), "the child is in it");
	return guard_descriptors();
}
