/* Process 1 of the session: how it comes to be, what it does, how it ends.
 *
 * It is a copy of the caller, made by the bare system call: none of the application's fork handlers
 * run, and as the caller may have had threads, only async-signal-safe functions are called. */
#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME         "pam_pidns"
#define READY_MS     5000 /* from clone to report */
#define GRACE_MS     2000 /* from SIGTERM to SIGKILL */
#define REPORT_MAGIC 0x50494431

/* What init tells the caller, once. */
struct report {
	uint32_t magic;
	struct ns_id pid, mnt;
	struct failure why; /* err 0: the session is set up and checked */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- as process 1 --------------------------------------------------------------------------------
 */

/* Overwrites the application's arguments and environment: everybody in the session can read
 * /proc/1/cmdline, and the arguments of sudo are nobody's business. */
static int wipe_title(struct failure *why)
{
	static const char *const step = "wipe the command line";
	unsigned long at[4] = {0}; /* fields 48 to 51 of proc_pid_stat(5) */
	char stat[2048], *p;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, stat, sizeof(stat) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return fail(why, step, "");
	stat[n] = '\0';
	p = strrchr(stat, ')');
	for (int field = 3; p && field < 52; field++) {
		if ((p = strchr(p + 1, ' ')) && field >= 48)
			at[field - 48] = strtoul(p, NULL, 10);
	}
	if (!p || !at[0] || at[1] <= at[0] || at[3] < at[2])
		return fail_with(why, EPROTO, step, "");
	memset((void *)at[0], 0, at[1] - at[0]); /* NOLINT(performance-no-int-to-ptr) */
	memset((void *)at[2], 0, at[3] - at[2]); /* NOLINT(performance-no-int-to-ptr) */
	if (at[1] - at[0] > strlen(NAME)) {
		memcpy((void *)at[0], NAME, sizeof(NAME)); /* NOLINT(performance-no-int-to-ptr) */
		/* Their lengths, too; the contents are gone if this fails. */
		prctl(PR_SET_MM, PR_SET_MM_ARG_END, at[0] + sizeof(NAME), 0, 0);
	}
	prctl(PR_SET_MM, PR_SET_MM_ENV_END, at[2], 0, 0);
	prctl(PR_SET_NAME, NAME, 0, 0, 0);
	return 0;
}

/* Sheds what the copy has of the application: its identity, signals, terminal, directory, files. */
static int become_init(int *sync, struct failure *why)
{
	int death = 0;

	/* First of all: everything else would hit the application if this were not a new namespace.
	 */
	if (getpid() != 1)
		return fail_with(why, EPROTO, "find init to be process 1", "");
	/* All ids, not only the effective: the user who started su must not be able to signal it.
	 * The bare calls: those of the C library want to tell threads that are not here. */
	if (syscall(SYS_setgroups, 0, NULL) == -1 || syscall(SYS_setresgid, 0, 0, 0) == -1 ||
	    syscall(SYS_setresuid, 0, 0, 0) == -1)
		return fail(why, "make init root", "");
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* fails for SIGKILL and the like */
	/* After the ids, whose change would undo both. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0) == -1 || death != SIGKILL)
		return fail(why, "tie init to the caller's life", "");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(why, "make init undumpable", "");
	if (setsid() != 1)
		return fail(why, "leave the terminal", "");
	if (chdir("/") == -1)
		return fail(why, "change to", "/");
	if (*sync != 3 && dup3(*sync, 3, O_CLOEXEC) == -1)
		return fail(why, "keep the report socket", "");
	*sync = 3;
	if (syscall(SYS_close_range, 0U, 2U, 0U) == -1 ||
	    syscall(SYS_close_range, 4U, ~0U, 0U) == -1)
		return fail(why, "close the application's descriptors", "");
	return wipe_title(why);
}

/* Looks at the session as its programs will see it. */
static int check_inside(struct report *r, const struct ns_id *outer)
{
	struct failure *why = &r->why;
	char self[16] = "";

	if (readlink("/proc/self", self, sizeof(self) - 1) == -1 || strcmp(self, "1") != 0)
		return fail_with(why, EPROTO, "find init as process 1 in", "/proc");
	if (get_ns_id(AT_FDCWD, "/proc/1/ns/pid", &r->pid) == -1 ||
	    get_ns_id(AT_FDCWD, "/proc/1/ns/mnt", &r->mnt) == -1)
		return fail(why, "look at the namespaces of", "/proc/1");
	if (same_ns(&r->pid, outer))
		return fail_with(why, EPROTO, "find a PID namespace of its own for", "/proc/1");
	return 0;
}

/* Asks everything in the session to end and gives it GRACE_MS. */
static _Noreturn void end_session(const sigset_t *all)
{
	int64_t deadline = now_ms() + GRACE_MS, left;

	kill(-1, SIGTERM);
	kill(-1, SIGHUP); /* interactive shells ignore SIGTERM */
	kill(-1, SIGCONT);
	while (kill(-1, 0) == 0 && (left = deadline - now_ms()) > 0) {
		struct timespec ts = {left / 1000, left % 1000 * 1000000};

		sigtimedwait(all, NULL, &ts);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
	}
	_exit(0); /* the kernel sends SIGKILL to what is left */
}

/* Reaps orphans until it is told to end, or killed with the caller. */
static _Noreturn void serve(void)
{
	sigset_t all;

	sigfillset(&all);
	for (;;) {
		switch (sigwaitinfo(&all, NULL)) {
		case SIGCHLD:
			while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
				;
			break;
		case SIGTERM:
		case SIGHUP:
		case SIGINT:
		case SIGPWR:
			end_session(&all);
		default:
			break;
		}
	}
}

static _Noreturn void run_init(const struct options *opt, const struct ns_id *outer, int sync)
{
	struct report r = {.magic = REPORT_MAGIC};
	bool ready = become_init(&sync, &r.why) == 0 && replace_proc(opt, &r.why) == 0 &&
	             check_inside(&r, outer) == 0;

	/* If the caller died before PR_SET_PDEATHSIG its end of the socket is closed: EPIPE. */
	if (send(sync, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r) || !ready)
		_exit(1);
	close(sync);
	serve();
}

/* --- as the caller -------------------------------------------------------------------------------
 */

/* Receives the report. A time-out, an early end and a short report are failures. */
static int await_report(int sock, struct report *r, struct failure *why)
{
	int64_t deadline = now_ms() + READY_MS, left;
	struct pollfd p = {.fd = sock, .events = POLLIN};
	ssize_t n;
	int rc;

	do {
		left = deadline - now_ms();
		rc = left > 0 ? poll(&p, 1, (int)left) : 0;
	} while (rc == -1 && errno == EINTR);
	if (rc == -1)
		return fail(why, "wait for init", "");
	if (rc == 0)
		return fail_with(why, ETIMEDOUT, "wait for init", "");
	n = recv(sock, r, sizeof(*r), MSG_DONTWAIT);
	if (n == -1)
		return fail(why, "hear from init", "");
	if (n == 0)
		return fail_with(why, EPIPE, "hear from init", "it ended early");
	if (n != sizeof(*r) || r->magic != REPORT_MAGIC)
		return fail_with(why, EPROTO, "hear from init", "its report is garbled");
	*why = r->why;
	why->step[sizeof(why->step) - 1] = why->where[sizeof(why->where) - 1] = '\0';
	return why->err ? -1 : 0;
}

pid_t start_init(const struct options *opt, const struct origin *o, const struct ns_id *mnt,
                 struct ns_id *pid, struct failure *why)
{
	struct report r = {0};
	int sync[2] = {-1, -1};
	sigset_t all, before;
	long init;
	int rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) == -1)
		return fail(why, "make a socket pair", "");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* No flags, and no signal at its end: the application's SIGCHLD handler and wait() never
	 * see a child that ends without SIGCHLD, clone(2). All zero, so the order of the arguments,
	 * which differs between architectures, does not matter. */
	init = syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
	if (init == 0)
		run_init(opt, &o->pid_id, sync[1]);
	if (init == -1)
		fail(why, "start init", "");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(sync[1]);
	rc = init == -1 ? -1 : await_report(sync[0], &r, why);
	close(sync[0]);
	if (rc == 0 && !same_ns(&r.mnt, mnt))
		rc = fail_with(why, EPROTO, "find init in the caller's mount namespace", "");
	if (rc == 0)
		*pid = r.pid;
	if (rc == -1 && init > 0) {
		kill_init((pid_t)init);
		reap_init((pid_t)init, READY_MS);
	}
	return rc == 0 ? (pid_t)init : -1;
}

bool kill_init(pid_t init)
{
	siginfo_t info;

	/* As long as it is our child to wait for, the number is its own. */
	return waitid(P_PID, (id_t)init, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       kill(init, SIGKILL) == 0;
}

bool reap_init(pid_t init, int timeout_ms)
{
	int64_t deadline = now_ms() + timeout_ms;
	int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	bool gone = false;

	for (int step = 1;; step = step < 64 ? 2 * step : step) {
		siginfo_t info = {0};
		pid_t reaped = waitpid(init, NULL, WNOHANG | __WALL);

		gone = reaped == init || (reaped == -1 && errno != EINTR);
		if (gone || now_ms() >= deadline)
			break;
		/* init stays until all of its namespace is reaped. A child of the application that
		 * is dead and not waited for will not be, not before we return: sshd(8) closes the
		 * session first and waits afterwards. */
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid &&
		    step > 2)
			break;
		poll(&p, pidfd >= 0, step);
	}
	if (pidfd >= 0)
		close(pidfd);
	return gone;
}
