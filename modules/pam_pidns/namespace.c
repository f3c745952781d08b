/* The namespaces of a session, and who is in them when. */
#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_MNT      "/proc/thread-self/ns/mnt"
#define NS_PID      "/proc/thread-self/ns/pid"
#define NS_CHILDREN "/proc/thread-self/ns/pid_for_children"

int identify(int fd, const char *path, struct file_id *id)
{
	struct stat st = {0};

	if (fstatat(fd, path, &st, AT_EMPTY_PATH) == -1 || !st.st_ino)
		return fail("look at", path);
	*id = (struct file_id){st.st_dev, st.st_ino};
	return 0;
}

bool is_same(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* Keeps a descriptor of path; for a directory, one that is good for going there only. */
static int keep(struct session *s, enum handle h, const char *path)
{
	int how = h == ROOT || h == OLD_ROOT ? O_PATH | O_DIRECTORY : O_RDONLY;

	s->fd[h] = open(path, how | O_CLOEXEC);
	return s->fd[h] == -1 ? fail("open", path) : 0;
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
	struct file_id before = {0}, after = {0};
	char cwd[PATH_MAX] = "";
	/* The C library hides what the kernel says of a directory that cannot be reached. */
	bool known = syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0 && cwd[0] == '/' &&
	             identify(AT_FDCWD, "", &before) == 0;

	if (setns(mnt, CLONE_NEWNS) == -1)
		return fail("enter the mount namespace", "");
	if (fchdir(root) == -1 || chroot(".") == -1)
		return fail("enter the root directory", "");
	if (known && chdir(cwd) == 0 && identify(AT_FDCWD, "", &after) == 0 &&
	    is_same(&before, &after))
		return 0;
	return chdir("/") == -1 ? fail("change to", "/") : 0;
}

static int readmit_caller(const struct session *s)
{
	return setns(s->fd[OUTSIDE], CLONE_NEWPID);
}

int admit_children(const struct session *s)
{
	return setns(s->fd[INSIDE], CLONE_NEWPID);
}

int refuse_children(const struct session *s)
{
	/* Other threads are none of ours, though what they start by fork(3) is in the session. */
	return setns(s->fd[gettid() == s->thread ? CLOSED : OUTSIDE], CLONE_NEWPID);
}

static int return_at_once(void *unused)
{
	(void)unused;
	return 0;
}

/* A child that is made by vfork(2) or clone(2) runs no fork handlers, so it would see the caller's
 * mounts. Where the init of its PID namespace is dead it cannot be made: ENOMEM. */
static int make_closed(struct session *s)
{
	_Alignas(16) char stack[8192];
	sigset_t all, before;
	pid_t pid;

	if (unshare(CLONE_NEWPID) == -1)
		return fail("unshare the PID namespace", "");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* the child shares our memory */
	pid = clone(return_at_once, stack + sizeof(stack), CLONE_VM | CLONE_VFORK, NULL);
	if (pid > 0)
		pid = waitpid(pid, NULL, __WALL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid == -1)
		return fail("start and end a process", "");
	if (keep(s, CLOSED, NS_CHILDREN) == -1)
		return -1;
	return readmit_caller(s) == -1 ? fail("return to", NS_PID) : 0;
}

/* Sees that init's report is true, and keeps what leads to the session. */
static int take_session(struct session *s, const struct report *r)
{
	struct file_id mnt, inside, closed, own, next;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", (int)s->init);
	if (keep(s, ROOT, path) == -1 || keep(s, INSIDE, NS_CHILDREN) == -1)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)s->init);
	if (keep(s, MOUNTS, path) == -1)
		return -1;
	if (refuse_children(s) == -1)
		return fail("keep children of the caller from starting outside", "");
	if (identify(s->fd[MOUNTS], "", &mnt) == -1 || identify(s->fd[INSIDE], "", &inside) == -1 ||
	    identify(s->fd[CLOSED], "", &closed) == -1 || identify(AT_FDCWD, NS_PID, &own) == -1 ||
	    identify(AT_FDCWD, NS_CHILDREN, &next) == -1)
		return -1;
	if (!is_same(&mnt, &r->mnt) || is_same(&mnt, &s->mnt))
		return fail_with(EPROTO, "find init in a mount namespace of its own", "");
	if (!is_same(&inside, &r->pid) || is_same(&inside, &own))
		return fail_with(EPROTO, "find init in a PID namespace of its own", "");
	if (!is_same(&next, &closed) || is_same(&closed, &own))
		return fail_with(EPROTO, "keep children of the caller from starting outside", "");
	s->proc = r->proc;
	return 0;
}

int make_session(struct session *s)
{
	struct file_id own, next;
	struct statfs fs = {0};
	struct report r = {0};

	s->owner = getpid();
	s->thread = gettid();
	s->init = 0;
	for (int h = 0; h < HANDLES; h++)
		s->fd[h] = -1;
	if (statfs("/proc", &fs) == -1 || fs.f_type != PROC_SUPER_MAGIC)
		return fail_with(EINVAL, "find procfs", "/proc");
	if (identify(AT_FDCWD, NS_PID, &own) == -1 || identify(AT_FDCWD, NS_CHILDREN, &next) == -1)
		return -1;
	if (!is_same(&own, &next))
		return fail_with(EBUSY, "find the caller's children in its PID namespace", "");
	if (guard_descriptors() == -1 || keep(s, OUTSIDE, NS_PID) == -1)
		return -1;
	if (s->opt.private_terminal &&
	    (keep(s, OLD_ROOT, "/") == -1 || keep(s, OLD_MOUNTS, NS_MNT) == -1 ||
	     unshare_mounts(&s->opt) == -1 || replace_devpts() == -1))
		return -1;
	if (identify(AT_FDCWD, NS_MNT, &s->mnt) == -1 || identify(AT_FDCWD, "/", &s->root) == -1 ||
	    make_closed(s) == -1)
		return -1;
	if (unshare(CLONE_NEWPID) == -1)
		return fail("unshare the PID namespace", "");
	s->init = start_init(&s->opt, &r);
	return s->init == -1 ? -1 : take_session(s, &r);
}

int leave_session(struct session *s, bool keep_background)
{
	struct file_id own, next;
	int rc = 0;

	if (s->init > 0)
		signal_init(s->init, keep_background ? SIGUSR1 : SIGKILL);
	if (s->fd[OLD_MOUNTS] >= 0)
		rc = enter_mounts(s->fd[OLD_MOUNTS], s->fd[OLD_ROOT]);
	if (s->fd[OUTSIDE] >= 0 && readmit_caller(s) == -1)
		rc = fail("return to the PID namespace", "");
	if (rc == 0 && (identify(AT_FDCWD, NS_PID, &own) == -1 ||
	                identify(AT_FDCWD, NS_CHILDREN, &next) == -1))
		rc = -1;
	else if (rc == 0 && s->fd[OUTSIDE] >= 0 && !is_same(&own, &next))
		rc = fail_with(EPROTO, "be back in the caller's PID namespace", "");
	close_handles(s);
	if (s->init > 0 && !keep_background)
		reap_init(s->init);
	return rc;
}

bool is_elsewhere(const struct session *s)
{
	struct file_id mnt, root;

	return identify(AT_FDCWD, NS_MNT, &mnt) == -1 || !is_same(&mnt, &s->mnt) ||
	       identify(AT_FDCWD, "/", &root) == -1 || !is_same(&root, &s->root);
}

int join_session(struct session *s)
{
	struct file_id proc = {0};
	char self[16] = "";
	int rc = enter_mounts(s->fd[MOUNTS], s->fd[ROOT]);

	close_handles(s); /* sshd(8) runs the user's side in a child that never calls exec */
	if (rc == -1 || identify(AT_FDCWD, "/proc", &proc) == -1)
		return -1;
	if (proc.dev != s->proc || readlink("/proc/self", self, sizeof(self) - 1) == -1 ||
	    atoi(self) != getpid())
		return fail_with(EPROTO, "find the child in the session's", "/proc");
	return guard_descriptors();
}
