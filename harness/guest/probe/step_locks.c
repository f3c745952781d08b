/* The victims' locks and leases, and their mutexes in shared files. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

static int open_held(const struct victim *v, const char *file, int flags)
{
	char path[128];

	return victim_fact(v->name, file, path, sizeof(path)) < 0 ? -1
	                                                          : open(path, flags | O_CLOEXEC);
}

static void get_lock(const struct victim *v, const char *kind, int command, json_t *found,
                     json_t *pids)
{
	cleanup_close int fd = open_held(v, kind, O_RDONLY);
	struct flock lock = {.l_type = F_WRLCK};

	if (fd < 0 || fcntl(fd, command, &lock) < 0 || lock.l_type == F_UNLCK)
		return;
	add_text(found, "%s %s", kind, v->name);
	/* -1 is the holder of an OFD lock, which no process is (fcntl(2)). */
	if (lock.l_pid > 0)
		add_text(pids, "%s %s: %d", kind, v->name, lock.l_pid);
}

static void try_flock(const struct victim *v, json_t *found)
{
	cleanup_close int fd = open_held(v, "flock", O_RDONLY);

	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		add_text(found, "flock %s", v->name);
}

/* "1: POSIX  ADVISORY  WRITE 5001 00:15:42 0 EOF" */
static bool lock_listed(const char *table, pid_t pid)
{
	const char *line = table;
	int holder;

	while (line && *line) {
		if (sscanf(line, "%*d: %*s %*s %*s %d", &holder) == 1 && holder == pid)
			return true;
		line = strchr(line, '\n');
		line += line ? 1 : 0;
	}
	return false;
}

/* What the same line says of the file: it is there whoever holds the lock, also nobody. */
static void list_lines(const char *table, const struct victim *v, json_t *lines, json_t *ofd)
{
	static const struct {
		const char *file, *kind;
	} locks[] = {{"posix", "POSIX"}, {"flock", "FLOCK"}, {"lease", "LEASE"}, {"ofd", "OFDLCK"}};

	for (size_t i = 0; i < sizeof(locks) / sizeof(*locks); i++) {
		char path[128], wanted[64], kind[16], file[64];
		struct stat st;

		if (victim_fact(v->name, locks[i].file, path, sizeof(path)) < 0 ||
		    stat(path, &st) < 0)
			continue;
		snprintf(wanted, sizeof(wanted), "%02x:%02x:%lu", major(st.st_dev),
		         minor(st.st_dev), (unsigned long)st.st_ino);
		for (const char *l = table; l && *l; l = strchr(l, '\n')) {
			l += *l == '\n';
			if (sscanf(l, "%*d: %15s %*s %*s %*d %63s", kind, file) == 2 &&
			    !strcmp(kind, locks[i].kind) && !strcmp(file, wanted))
				add_text(strcmp(kind, "OFDLCK") ? lines : ofd, "%s %s", kind,
				         v->name);
		}
	}
}

static void try_lease(const struct victim *v, json_t *list)
{
	cleanup_close int fd = open_held(v, "lease", O_WRONLY | O_NONBLOCK);

	add_text(list, "%s: %s", v->name, fd < 0 ? errno_name(errno) : "ok");
}

struct locks {
	const char *table; /* /proc/locks, or NULL */
	json_t *found, *pids, *listed, *lease, *lines, *ofd;
};

static void look_at_locks(const struct victim *v, void *arg)
{
	struct locks *l = arg;

	get_lock(v, "posix", F_GETLK, l->found, l->pids);
	get_lock(v, "ofd", F_OFD_GETLK, l->found, l->pids);
	try_flock(v, l->found);
	if (lock_listed(l->table, v->pid))
		add_text(l->listed, "%s", v->name);
	list_lines(l->table, v, l->lines, l->ofd);
	try_lease(v, l->lease);
}

int step_locks(struct session *s, long number)
{
	cleanup_free char *table = procfs_file_at(AT_FDCWD, "/proc/locks", NULL);
	struct locks l = {table,        json_array(), json_array(), json_array(),
	                  json_array(), json_array(), json_array()};

	(void)number;
	if (each_victim(s, look_at_locks, &l) < 0)
		return -1;
	return observe(s, "locks.found", l.found) | observe(s, "locks.pids", l.pids) |
	       observe(s, "locks.listed", l.listed) | observe(s, "locks.lines", l.lines) |
	       observe(s, "locks.ofd_lines", l.ofd) | observe(s, "locks.lease", l.lease);
}

/* In a child: what it would own, if it got the lock, is gone with it. */
static int try_mutex(unsigned *word)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		long r = syscall(SYS_futex, word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
		int error = r < 0 ? errno : 0;

		if (r == 0)
			syscall(SYS_futex, word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
		_exit(error);
	}
	status = pid < 0 ? -1 : wait_for(pid);
	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

struct mutexes {
	json_t *owners, *tried;
};

static void look_at_mutex(const struct victim *v, void *arg)
{
	struct mutexes *m = arg;
	cleanup_close int fd = open_held(v, "futex", O_RDWR);
	unsigned *word =
	    fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int error;

	if (word == MAP_FAILED)
		return;
	if ((*word & FUTEX_TID_MASK) == (unsigned)v->pid)
		add_text(m->owners, "%s", v->name);
	error = try_mutex(word);
	add_once(m->tried, error ? errno_name(error) : "ok");
	munmap(word, 4096);
}

int step_futex(struct session *s, long number)
{
	struct mutexes m = {json_array(), json_array()};

	(void)number;
	if (each_victim(s, look_at_mutex, &m) < 0)
		return -1;
	return observe(s, "futex.owners", m.owners) | observe(s, "futex.tried", m.tried);
}
