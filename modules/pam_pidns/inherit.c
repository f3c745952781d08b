/* What a child has of the application that must not come along: ways out of the session, the
 * keyring of whoever logs in, numbers of processes. */
#include "pam_pidns.h"

#include <linux/close_range.h>
#include <linux/keyctl.h>

#define PIDFS_MAGIC 0x50494446 /* in linux/magic.h since 6.9 */
#define MANY        256        /* descriptors; what is above is not handed on */

/* A directory leads to "..", a namespace to setns(), a pidfd to pidfd_getfd(); other files without
 * a type may be rings or filters. A file of the old /proc is no way out if somebody wants it read.
 */
static bool leads_out(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstat(fd, &st) == -1 || fstatfs(fd, &fs) == -1 || !(st.st_mode & S_IFMT) ||
	       S_ISDIR(st.st_mode) || fs.f_type == NSFS_MAGIC || fs.f_type == PIDFS_MAGIC ||
	       (fs.f_type == PROC_SUPER_MAGIC && fd > 2);
}

int guard_descriptors(void)
{
	for (int fd = 0; fd < MANY; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags == -1 || flags & FD_CLOEXEC || !leads_out(fd))
			continue;
		DEMAND(fd > 2, "standard input, output and error do not lead out of the session");
		TRY(fcntl(fd, F_SETFD, FD_CLOEXEC));
	}
	TRY(syscall(SYS_close_range, MANY, ~0U, CLOSE_RANGE_CLOEXEC));
	return 0;
}

void forget_pids(void)
{
	char **to = environ;

	/* In place: unsetenv(3) takes a lock, which another thread may have had at the fork. */
	for (char **from = environ; from && *from; from++) {
		const char *value = strchr(*from, '=');

		if (!value || value - *from < 3 || strncmp(value - 3, "PID=", 4) != 0 ||
		    value[1] < '0' || value[1] > '9')
			*to++ = *from;
	}
	if (to)
		*to = NULL;
}

int take_keyring(uid_t uid)
{
	char keyring[64] = ""; /* "keyring;UID;..." */
	uid_t before = getuid(), owner;

	/* Fails if pam_keyinit has revoked it already. */
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, keyring,
	        sizeof(keyring) - 1);
	if (sscanf(keyring, "keyring;%u;", &owner) == 1 && owner == uid)
		return 0;
	/* The owner, and whose the user's keyring is, is the real user. */
	TRY(syscall(SYS_setresuid, uid, -1, -1));
	TRY(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	TRY(syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING));
	TRY(syscall(SYS_setresuid, before, -1, -1));
	return 0;
}
