/* Process 1 of the session, a copy of the caller made by the bare system call: no fork handlers
 * run, and as the caller may have had threads, only async-signal-safe functions are called. */
#include "pam_pidns.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int become_helper(char *name)
{
	unsigned long start = (unsigned long)name, end = start + strlen(name) + 1;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* fails for SIGKILL and the like */
	/* All ids: the user who started su must not be able to signal it. The bare calls: those of
	 * the C library want to tell threads that are not here. */
	TRY(syscall(SYS_setgroups, 0, NULL));
	TRY(syscall(SYS_setresgid, 0, 0, 0));
	TRY(syscall(SYS_setresuid, 0, 0, 0));
	TRY(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)); /* a change of ids sets it, so afterwards */
	DEMAND(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "the helper is undumpable");
	/* Everybody in the session can read /proc/PID/cmdline, and the arguments of sudo are
	 * nobody's business. In this order no end is before its start. */
	TRY(prctl(PR_SET_MM, PR_SET_MM_ARG_START, start, 0, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_ARG_END, end, 0, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_ENV_START, end, 0, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_ENV_END, end, 0, 0));
	TRY(prctl(PR_SET_NAME, name, 0, 0, 0));
	return 0;
}

/* Sheds what the copy has of the application: its identity, signals, terminal, files. */
static int become_init(int sync, int death_signal, char *name)
{
	/* First of all: what follows would hit the application if this were no new namespace. */
	DEMAND(getpid() == 1, "init is process 1");
	TRY(become_helper(name));
	TRY(prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0));
	TRY(setsid());
	TRY(chdir("/"));
	TRY(sync > 0 ? syscall(SYS_close_range, 0U, sync - 1, 0U) : 0);
	TRY(syscall(SYS_close_range, sync + 1, ~0U, 0U));
	return 0;
}

/* Reaps orphans, until it is killed with the caller, or told to end: by SIGUSR1, as the session is
 * closed, or by a signal that asks all in it to end. It then stays as long as anything does. */
static _Noreturn void serve(void)
{
	const struct timespec second = {1, 0};
	bool ending = false;
	sigset_t all;

	sigfillset(&all);
	for (;;) {
		/* What the application started has no parent in here: nobody says when it ends. */
		int sig = ending ? sigtimedwait(&all, NULL, &second) : sigwaitinfo(&all, NULL);

		if (sig == SIGTERM || sig == SIGHUP || sig == SIGINT || sig == SIGPWR) {
			kill(-1, SIGTERM);
			kill(-1, SIGHUP); /* interactive shells ignore SIGTERM */
			kill(-1, SIGCONT);
		}
		ending |= sig > 0 && sig != SIGCHLD;
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (ending && kill(-1, 0) == -1)
			_exit(0);
	}
}

static _Noreturn void run_init(const struct options *opt, int sync)
{
	char name[] = "pam_pidns";
	bool ready = become_init(sync, opt->keep_background ? SIGUSR1 : SIGKILL, name) == 0 &&
	             make_mounts(opt) == 0;

	/* Reports what failed, or that nothing has: err is 0 then. If the caller died before
	 * PR_SET_PDEATHSIG its end of the socket is closed: EPIPE. */
	if (send(sync, &failure, sizeof(failure), MSG_NOSIGNAL) != sizeof(failure) || !ready)
		_exit(1);
	syscall(SYS_close_range, 0U, ~0U, 0U);
	serve();
}

int start_init(const struct options *opt, pid_t *init)
{
	const struct timeval limit = {5, 0};
	struct failure r[2] = {0}; /* one comes: the rest is to wait for the end of what is sent */
	int sync[2];
	ssize_t n;

	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync));
	/* No flags and no signal at its end: a handler and wait(2) never see it. All zero: so the
	 * order of the arguments, which differs between architectures, does not matter. */
	if ((*init = (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL)) == 0)
		run_init(opt, sync[1]);
	close(sync[1]);
	n = setsockopt(sync[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (n == 0 && *init > 0)
		n = recv(sync[0], r, sizeof(r), MSG_WAITALL); /* EAGAIN: not in time */
	close(sync[0]);
	TRY(*init == -1 ? -1 : n);
	DEMAND(n == sizeof(*r), "init has reported");
	return r->err ? fail(r->err, r->step, r->where) : 0;
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

		/* init stays until all in its namespace are reaped. sshd(8) waits for its child
		 * only when the session is closed. */
		if (ms > 2 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid)
			break;
		poll(&p, 1, ms);
	}
	close(p.fd);
}
