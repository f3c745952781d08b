/* Process 1 of the session: how it comes to be, what it does, how it ends.
 *
 * It is a copy of the caller, made by the bare system call: none of the application's fork handlers
 * run, and as the caller may have had threads, only async-signal-safe functions are called. */
#include "pam_pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_S      5 /* from clone to report */
#define GRACE_S      2 /* from SIGTERM to SIGKILL */
#define REPORT_MAGIC 0x50494431

/* --- as process 1 ------------------------------------------------------------------------------
 */

/* Everybody in the session can read /proc/PID/cmdline, and the arguments of sudo are nobody's
 * business. In this order no end is before its start. */
static int rename_process(char *name)
{
	unsigned long start = (unsigned long)name, end = start + strlen(name) + 1;

	if (prctl(PR_SET_MM, PR_SET_MM_ARG_START, start, 0, 0) == -1 ||
	    prctl(PR_SET_MM, PR_SET_MM_ARG_END, end, 0, 0) == -1 ||
	    prctl(PR_SET_MM, PR_SET_MM_ENV_START, end, 0, 0) == -1 ||
	    prctl(PR_SET_MM, PR_SET_MM_ENV_END, end, 0, 0) == -1)
		return fail("hide the command line", "");
	return prctl(PR_SET_NAME, name, 0, 0, 0);
}

int become_helper(char *name)
{
	/* All ids, not only the effective: the user who started su must not be able to signal it.
	 * The bare calls: those of the C library want to tell threads that are not here. */
	if (syscall(SYS_setgroups, 0, NULL) == -1 || syscall(SYS_setresgid, 0, 0, 0) == -1 ||
	    syscall(SYS_setresuid, 0, 0, 0) == -1)
		return fail("become root", "");
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* fails for SIGKILL and the like */
	/* After the ids, whose change would undo it. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail("become undumpable", "");
	return rename_process(name);
}

/* Sheds what the copy has of the application: its identity, signals, terminal, files. */
static int become_init(const struct options *opt, int *sync, char *name)
{
	int end = opt->keep_background ? SIGUSR1 : SIGKILL, death = 0;

	/* First of all: everything else would hit the application if this were not a new namespace.
	 */
	if (getpid() != 1)
		return fail_with(EPROTO, "find init to be process 1", "");
	if (become_helper(name) == -1)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, end, 0, 0, 0) == -1 ||
	    prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0) == -1 || death != end)
		return fail("tie init to the caller's life", "");
	if (setsid() != 1)
		return fail("leave the terminal", "");
	if (*sync != 3 && dup3(*sync, 3, O_CLOEXEC) == -1)
		return fail("keep the report socket", "");
	*sync = 3;
	if (syscall(SYS_close_range, 0U, 2U, 0U) == -1 ||
	    syscall(SYS_close_range, 4U, ~0U, 0U) == -1)
		return fail("close the application's descriptors", "");
	return 0;
}

/* Looks at the session as its programs will see it. */
static int check_inside(struct report *r)
{
	char self[16] = "";

	if (chdir("/") == -1 || readlink("/proc/self", self, sizeof(self) - 1) == -1 ||
	    strcmp(self, "1") != 0)
		return fail_with(EPROTO, "find init as process 1 in", "/proc");
	return identify(AT_FDCWD, "/proc/1/ns/pid", &r->pid) == -1 ||
	               identify(AT_FDCWD, "/proc/1/ns/mnt", &r->mnt) == -1
	           ? -1
	           : 0;
}

/* Asks everything in the session to end, and gives it some time. */
static _Noreturn void end_session(const sigset_t *all)
{
	const struct timespec tenth = {0, 100000000};
	time_t start = time(NULL);

	kill(-1, SIGTERM);
	kill(-1, SIGHUP); /* interactive shells ignore SIGTERM */
	kill(-1, SIGCONT);
	while (kill(-1, 0) == 0 && time(NULL) - start <= GRACE_S) {
		sigtimedwait(all, NULL, &tenth);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
	}
	_exit(0); /* the kernel sends SIGKILL to what is left */
}

/* Reaps orphans until it is told to end, or killed with the caller. SIGUSR1 says that the session
 * is closed: it then stays as long as any background work does. */
static _Noreturn void serve(void)
{
	const struct timespec second = {1, 0};
	bool closed = false;
	sigset_t all;

	sigfillset(&all);
	for (;;) {
		/* What the application started has no parent in here: nobody says when it ends. */
		int sig = closed ? sigtimedwait(&all, NULL, &second) : sigwaitinfo(&all, NULL);

		if (sig == SIGTERM || sig == SIGHUP || sig == SIGINT || sig == SIGPWR)
			end_session(&all);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		closed |= sig == SIGUSR1;
		if (closed && kill(-1, 0) == -1)
			_exit(0);
	}
}

static _Noreturn void run_init(const struct options *opt, int sync)
{
	struct report r = {.magic = REPORT_MAGIC};
	char name[] = "pam_pidns";

	failure.err = 0;
	if (become_init(opt, &sync, name) == -1 || make_mounts(opt, &r.proc) == -1 ||
	    check_inside(&r) == -1)
		r.failure = failure;
	/* If the caller died before PR_SET_PDEATHSIG its end of the socket is closed: EPIPE. */
	if (send(sync, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r) || r.failure.err)
		_exit(1);
	close(sync);
	serve();
}

/* --- as the caller -----------------------------------------------------------------------------
 */

/* Receives the report. A time-out, an early end and a short report are failures. */
static int await_report(int sock, struct report *r)
{
	const struct timeval limit = {READY_S, 0};
	ssize_t n = setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));

	if (n == 0)
		n = recv(sock, r, sizeof(*r), 0);
	if (n == -1)
		return fail("hear from init", errno == EAGAIN ? "in time" : "");
	if (n != sizeof(*r) || r->magic != REPORT_MAGIC)
		return fail_with(EPIPE, "hear from init", n == 0 ? "before it ended" : "clearly");
	if (!r->failure.err)
		return 0;
	failure = r->failure;
	failure.step[sizeof(failure.step) - 1] = failure.where[sizeof(failure.where) - 1] = '\0';
	return -1;
}

pid_t start_init(const struct options *opt, struct report *r)
{
	int sync[2] = {-1, -1}, rc;
	sigset_t all, before;
	pid_t init;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) == -1)
		return fail("make a socket pair", "");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* No flags, and no signal at its end: the application's SIGCHLD handler and wait() never
	 * see a child that ends without SIGCHLD, clone(2). All zero, so the order of the arguments,
	 * which differs between architectures, does not matter. */
	init = (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
	if (init == 0)
		run_init(opt, sync[1]);
	close(sync[1]);
	rc = init == -1 ? fail("start init", "") : await_report(sync[0], r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(sync[0]);
	if (rc == 0)
		return init;
	if (init > 0) {
		signal_init(init, SIGKILL);
		reap_init(init);
	}
	return -1;
}

void signal_init(pid_t init, int sig)
{
	siginfo_t info;

	/* As long as it is our child to wait for, the number is its own. */
	if (waitid(P_PID, (id_t)init, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0)
		kill(init, sig);
}

void reap_init(pid_t init)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, init, 0), .events = POLLIN};

	for (int ms = 1; ms <= 1024 && waitpid(init, NULL, WNOHANG | __WALL) == 0; ms *= 2) {
		siginfo_t info = {0};

		/* init stays until all of its namespace is reaped. A child of the application that
		 * is dead and not waited for will not be, not before we return: sshd(8) closes the
		 * session first and waits afterwards. */
		if (ms > 2 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid)
			break;
		poll(&p, 1, ms);
	}
	if (p.fd >= 0)
		close(p.fd);
}
