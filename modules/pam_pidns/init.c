/* Process 1 of the session: how it comes to be, what it does, how it ends. It is a copy of the
 * caller, made by the bare system call: none of the application's fork handlers run, and as the
 * caller may have had threads, only async-signal-safe functions are called. */
#include "pam_pidns.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define REPORT_MAGIC 0x50494431

struct report {
	unsigned magic;
	dev_t proc;             /* the new procfs */
	struct failure failure; /* err 0: the session is set up and checked */
};

int become_helper(char *name)
{
	unsigned long start = (unsigned long)name, end = start + strlen(name) + 1;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* fails for SIGKILL and the like */
	/* All ids, not only the effective: the user who started su must not be able to signal it.
	 * The bare calls: those of the C library want to tell threads that are not here. */
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

/* Reaps orphans, until it is killed with the caller, or told to end: by SIGUSR1, which says that
 * the session is closed, or by a signal that asks everything in it to end. It then stays as long as
 * anything does. */
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
	struct report r = {.magic = REPORT_MAGIC};
	char name[] = "pam_pidns";
	bool ready = become_init(sync, opt->keep_background ? SIGUSR1 : SIGKILL, name) == 0 &&
	             make_mounts(opt, &r.proc) == 0;

	if (!ready)
		r.failure = failure;
	/* If the caller died before PR_SET_PDEATHSIG its end of the socket is closed: EPIPE. */
	if (send(sync, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r) || !ready)
		_exit(1);
	close(sync);
	serve();
}

/* Receives the report. A time-out, an early end and a short report are failures. */
static int await_report(int sock, struct report *r)
{
	const struct timeval limit = {5, 0};
	ssize_t n;

	TRY(setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	TRY(n = recv(sock, r, sizeof(*r), 0)); /* EAGAIN: not in time */
	DEMAND(n == sizeof(*r) && r->magic == REPORT_MAGIC, "init has reported");
	r->failure.step[sizeof(failure.step) - 1] = r->failure.where[sizeof(failure.where) - 1] = 0;
	return r->failure.err ? fail(r->failure.err, r->failure.step, r->failure.where) : 0;
}

pid_t fork_quietly(void)
{
	/* No flags, and no signal at its end: the application's SIGCHLD handler and wait() never
	 * see a child that ends without SIGCHLD, clone(2). All zero, so the order of the arguments,
	 * which differs between architectures, does not matter. */
	return (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
}

int start_init(const struct options *opt, pid_t *init, dev_t *proc)
{
	struct report r = {0};
	int sync[2], rc;

	TRY(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync));
	if ((*init = fork_quietly()) == 0)
		run_init(opt, sync[1]);
	close(sync[1]);
	rc = *init == -1 ? fail(errno, "clone", "") : await_report(sync[0], &r);
	close(sync[0]);
	*proc = r.proc;
	return rc;
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
	close(p.fd);
}
