/* What a victim holds in files and terminals, and what it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/probe.h"
#include "probe/victim.h"

int hold_locks(struct holder *h)
{
	struct flock whole = {.l_type = F_WRLCK};
	int posix = hold_file(h, "posix", 0644), ofd = hold_file(h, "ofd", 0644);
	int bsd = hold_file(h, "flock", 0644);

	if (posix < 0 || ofd < 0 || bsd < 0)
		return -1;
	if (fcntl(posix, F_SETLK, &whole) < 0 || fcntl(ofd, F_OFD_SETLK, &whole) < 0)
		return -1;
	return flock(bsd, LOCK_EX | LOCK_NB);
}

/* A read lease: whoever opens the file for writing has to wait for its holder. */
int hold_lease(struct holder *h)
{
	char path[128];
	int fd = hold_file(h, "lease", 0644);

	if (fd < 0)
		return -1;
	close(fd);
	snprintf(path, sizeof(path), "%s/lease", h->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return -1;
	/* No signal when it is broken: those that a victim gets are others' (F_SETOWN, fcntl(2)).
	 */
	return fcntl(fd, F_SETOWN, 0);
}

/* A pair, the terminal of this session, so that it cannot become that of another. */
int hold_terminal(struct holder *h)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	char name[64];
	struct stat st;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0)
		return -1;
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || fstat(slave, &st) < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	hold_fact(h, "terminal", "%s", name);
	/* Another devpts has terminals of the same names. */
	hold_fact(h, "terminal-device", "%lu", (unsigned long)st.st_dev);
	return 0;
}

int hold_files(struct holder *h)
{
	int secret = hold_file(h, "secret", 0600), watched = hold_file(h, "watched", 0644);
	int dir = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (secret < 0 || watched < 0 || dir < 0)
		return -1;
	close(watched);
	hold_fact(h, "secret-fd", "%d", secret);
	hold_fact(h, "dir-fd", "%d", dir);
	return 0;
}

/* Files that are named for pids, as ssh-agent, X and editors leave them. */
int hold_traces(struct holder *h)
{
	static const char *const dirs[] = {"/tmp", "/dev/shm", "/var/tmp"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "%s/pamlab-%s.%d", dirs[i], h->name, getpid());
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0 || write(fd, h->secret, strlen(h->secret)) < 0)
			return -1;
		close(fd);
	}
	return 0;
}

/* It leads its own session and group, and thus has an autogroup of its own (sched(7)). */
int hold_attributes(struct holder *h)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	if (getsid(0) != getpid() && setsid() < 0)
		return -1;
	if (n < 0)
		return -1;
	link[n] = '\0';
	hold_fact(h, "pid-namespace", "%s", link);
	return 0;
}
