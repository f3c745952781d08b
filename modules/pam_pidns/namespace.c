#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int fail_with(struct failure *why, int err, const char *step, const char *where)
{
	*why = (struct failure){.err = err};
	strncpy(why->step, step, sizeof(why->step) - 1);
	strncpy(why->where, where, sizeof(why->where) - 1);
	return -1;
}

int fail(struct failure *why, const char *step, const char *where)
{
	/* 0 would read as success. */
	return fail_with(why, errno ? errno : EPROTO, step, where);
}

int get_ns_id(int dir, const char *path, struct ns_id *id)
{
	struct stat st = {0};

	if (fstatat(dir, path, &st, 0) == -1)
		return -1;
	if (!st.st_ino) {
		errno = EIO;
		return -1;
	}
	*id = (struct ns_id){st.st_dev, st.st_ino};
	return 0;
}

bool same_ns(const struct ns_id *a, const struct ns_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static int open_ns(const struct origin *o, const char *path, struct ns_id *id)
{
	if (get_ns_id(o->self, path, id) == -1)
		return -1;
	return openat(o->self, path, O_RDONLY | O_CLOEXEC);
}

int take_origin(struct origin *o, struct failure *why)
{
	struct statfs fs = {0};
	struct ns_id own;

	*o = (struct origin){.self = -1, .mnt = -1, .pid = -1, .root = -1, .cwd = -1};
	if ((o->self = open("/proc/thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return fail(why, "open", "/proc/thread-self");
	if (fstatfs(o->self, &fs) == -1 || fs.f_type != PROC_SUPER_MAGIC)
		return fail_with(why, EINVAL, "find procfs", "/proc");
	if ((o->mnt = open_ns(o, "ns/mnt", &o->mnt_id)) == -1)
		return fail(why, "open", "ns/mnt");
	if ((o->pid = open_ns(o, "ns/pid", &o->pid_id)) == -1)
		return fail(why, "open", "ns/pid");
	/* A second session in one process, or a caller that made a namespace before. */
	if (get_ns_id(o->self, "ns/pid_for_children", &own) == -1 || !same_ns(&own, &o->pid_id))
		return fail_with(why, EBUSY, "find the caller's children in its PID namespace", "");
	if ((o->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return fail(why, "open", "/");
	if ((o->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return fail(why, "open", "the working directory");
	return 0;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void settle_origin(struct origin *o)
{
	drop(&o->self);
	drop(&o->cwd);
}

void close_origin(struct origin *o)
{
	settle_origin(o);
	drop(&o->mnt);
	drop(&o->pid);
	drop(&o->root);
}

int enter_namespaces(const struct origin *o, const struct options *opt, struct ns_id *mnt,
                     struct failure *why)
{
	int info, rc;

	if (unshare(CLONE_NEWNS) == -1)
		return fail(why, "unshare the mount namespace", "");
	if (get_ns_id(o->self, "ns/mnt", mnt) == -1 || same_ns(mnt, &o->mnt_id))
		return fail_with(why, EPROTO, "find a new mount namespace after unshare", "");
	if (mount(NULL, "/", NULL, MS_REC | opt->propagation, NULL) == -1)
		return fail(why, "stop mount propagation to the host", "/");
	/* Checked before anything is unmounted: on a shared mount that would reach the host. */
	if ((info = openat(o->self, "mountinfo", O_RDONLY | O_CLOEXEC)) == -1)
		return fail(why, "open", "mountinfo");
	rc = check_propagation(info, opt->propagation, why);
	close(info);
	if (rc == -1)
		return -1;
	if (unshare(CLONE_NEWPID) == -1)
		return fail(why, "unshare the PID namespace", "");
	return 0;
}

int check_children(const struct origin *o, const struct ns_id *pid, struct failure *why)
{
	struct ns_id next;

	if (get_ns_id(o->self, "ns/pid_for_children", &next) == -1)
		return fail(why, "find the namespace of the caller's children", "");
	if (same_ns(&next, &o->pid_id) || !same_ns(&next, pid))
		return fail_with(why, EPROTO, "find the caller's children in init's namespace", "");
	return 0;
}

int leave_lost_directory(struct failure *why)
{
	struct statfs fs = {0};
	char path[4096];
	/* The C library hides what the kernel says of a directory that cannot be reached. */
	long n = syscall(SYS_getcwd, path, sizeof(path));
	bool lost = n > 0 && path[0] != '/';

	if (!lost && statfs(".", &fs) == -1)
		return fail(why, "look at", "the working directory");
	if ((lost || fs.f_type == PROC_SUPER_MAGIC) && chdir("/") == -1)
		return fail(why, "leave", "the working directory");
	return 0;
}

int return_to_origin(const struct origin *o, struct failure *why)
{
	struct failure first = {0};
	char cwd[4096] = "/";
	struct ns_id now;

#define TRY(call, step)                                                                            \
	do {                                                                                       \
		if ((call) == -1 && !first.err)                                                    \
			fail(&first, step, "");                                                    \
	} while (0)

	if (o->cwd < 0 && (syscall(SYS_getcwd, cwd, sizeof(cwd)) <= 0 || cwd[0] != '/'))
		memcpy(cwd, "/", 2);
	TRY(setns(o->mnt, CLONE_NEWNS), "return to the mount namespace");
	TRY(fchdir(o->root), "return to the root directory");
	TRY(chroot("."), "return to the root directory");
	if (o->cwd >= 0)
		TRY(fchdir(o->cwd), "return to the working directory");
	else if (chdir(cwd) == -1)
		TRY(chdir("/"), "return to the working directory");
	TRY(setns(o->pid, CLONE_NEWPID), "return to the PID namespace");
#undef TRY
	if (!first.err &&
	    (get_ns_id(AT_FDCWD, "/proc/thread-self/ns/mnt", &now) == -1 ||
	     !same_ns(&now, &o->mnt_id) ||
	     get_ns_id(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &now) == -1 ||
	     !same_ns(&now, &o->pid_id)))
		fail_with(&first, EPROTO, "be back in the caller's namespaces", "");
	if (!first.err)
		return 0;
	*why = first;
	return -1;
}
