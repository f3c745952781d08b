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
 * a pidfd to pidfd_getfd(). A file of the old /proc is none, if somebody wants it read. */
static bool leads_out(int dir, const char *name, int fd)
{
	char link[32] = "";
	struct statfs fs = {0};
	struct stat st = {0};

	if (fstat(fd, &st) == -1 || fstatfs(fd, &fs) == -1)
		return true;
	return S_ISDIR(st.st_mode) || fs.f_type == NSFS_MAGIC || fs.f_type == PID_FS_MAGIC ||
	       (fs.f_type == PROC_SUPER_MAGIC && fd > 2) ||
	       (readlinkat(dir, name, link, sizeof(link) - 1) > 0 &&
	        !strcmp(link, "anon_inode:[pidfd]"));
}

int guard_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int rc = 0, n = 0;

	while (dir && rc == 0 && (errno = 0, e = readdir(dir))) {
		int fd = atoi(e->d_name), flags = e->d_name[0] == '.' ? -1 : fcntl(fd, F_GETFD);

		n += flags != -1;
		if (flags == -1 || flags & FD_CLOEXEC || !leads_out(dirfd(dir), e->d_name, fd))
			continue;
		if (fd <= 2)
			rc = fail_with(EPERM, "pass a way out of the session as descriptor",
			               e->d_name);
		else if (fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == -1)
			rc = fail("close on exec the descriptor", e->d_name);
	}
	if (rc == 0 && (errno || !n)) /* the list itself is in the list */
		rc = fail("list the descriptors", "");
	if (dir)
		closedir(dir);
	return rc;
}
