#include "pam_pidns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446 /* linux/magic.h since 6.9 */
#endif

/* A way out of the session for whoever holds it: a directory leads to "..", a namespace to setns(),
 * a pidfd to pidfd_getfd(). */
static bool leads_out(int dir, const char *name, int fd)
{
	char link[32] = "";
	struct statfs fs = {0};
	struct stat st = {0};

	if (fstat(fd, &st) == -1 || fstatfs(fd, &fs) == -1)
		return true;
	if (S_ISDIR(st.st_mode) || fs.f_type == NSFS_MAGIC || fs.f_type == PID_FS_MAGIC)
		return true;
	return readlinkat(dir, name, link, sizeof(link) - 1) > 0 &&
	       !strcmp(link, "anon_inode:[pidfd]");
}

static int guard_descriptor(int dir, const char *name, struct failure *why)
{
	struct statfs fs = {0};
	int fd = atoi(name);
	int flags = fcntl(fd, F_GETFD);

	if (flags == -1 || flags & FD_CLOEXEC)
		return 0;
	if (fd > 2 && fstatfs(fd, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC &&
	    !leads_out(dir, name, fd))
		return 0;
	if (fd <= 2 && !leads_out(dir, name, fd))
		return 0;
	if (fd <= 2)
		return fail_with(why, EPERM, "pass a way out of the session as descriptor", name);
	if (fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == -1)
		return fail(why, "close on exec the descriptor", name);
	return 0;
}

int guard_descriptors(const struct origin *o, struct failure *why)
{
	int fd = openat(o->self, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;
	int rc = 0, n = 0;

	if (!dir) {
		fail(why, "list the caller's descriptors", "");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (rc == 0 && (errno = 0, e = readdir(dir)))
		if (e->d_name[0] != '.' && ++n)
			rc = guard_descriptor(fd, e->d_name, why);
	if (rc == 0 && (errno || !n)) /* the list itself is in the list */
		rc = fail(why, "list the caller's descriptors", "");
	closedir(dir);
	return rc;
}
