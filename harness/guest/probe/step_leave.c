/* What a session may leave behind: daemons that do not want to end, orphans that do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"

/* Two pipes, nothing is ever written to: what counts is who still holds an end open. */
struct rendezvous {
	int go[2];    /* the session holds the writing end until the others may go on */
	int ready[2]; /* each of the others holds the writing end until it has got where it is
	                 wanted */
};

static int open_rendezvous(const struct session *s, struct rendezvous *r)
{
	if (pipe2(r->go, O_CLOEXEC) == 0) {
		if (pipe2(r->ready, O_CLOEXEC) == 0)
			return 0;
		close(r->go[0]);
		close(r->go[1]);
	}
	return fault(s, "pipe: %s", strerror(errno));
}

static void wait_for_close(int fd)
{
	char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
}

/* Lets the others go on, and waits until they have got there. */
static void close_rendezvous(struct rendezvous *r)
{
	close(r->go[0]);
	close(r->go[1]);
	close(r->ready[1]);
	wait_for_close(r->ready[0]);
	close(r->ready[0]);
}

static _Noreturn void be_daemon(struct rendezvous *r, long number)
{
	/* By the system call: libc's own keeps the two signals that it needs for itself. */
	const unsigned long all = ~0UL;
	char comm[32]; /* the kernel keeps 15 characters */

	snprintf(comm, sizeof(comm), "daemon-%ld", number);
	prctl(PR_SET_NAME, comm);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof(all));
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	/* When its parent dies, the process group is orphaned, and a stopped one would be sent
	 * SIGCONT (setpgid(2)): so wait for that, then stop. */
	close(r->go[1]);
	wait_for_close(r->go[0]);
	close_range(0, ~0U, 0);
	if (number % 2)
		kill(getpid(), SIGSTOP);
	for (;;)
		pause();
}

int step_daemons(struct session *s, long number)
{
	struct rendezvous r;
	bool failed = false;

	if (open_rendezvous(s, &r) < 0)
		return -1;
	for (long i = 0; i < number && !failed; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pid_t again;

			setsid();
			again = fork();
			if (again == 0)
				be_daemon(&r, i);
			_exit(again < 0);
		}
		failed = pid < 0 || wait_for(pid) != 0;
	}
	close_rendezvous(&r);
	return failed ? fault(s, "daemons: fork: %s", strerror(errno)) : 0;
}

/* Makes the orphans and exits; they exit when the session has seen it do so. */
static _Noreturn void make_orphans(struct rendezvous *r, long number)
{
	close(r->go[1]);
	for (long i = 0; i < number; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_NAME, "orphan");
			wait_for_close(r->go[0]);
			_exit(0);
		}
		if (pid < 0)
			_exit(1);
	}
	_exit(0);
}

int step_orphans(struct session *s, long number)
{
	struct rendezvous r;
	int status = -1;
	pid_t pid;

	if (open_rendezvous(s, &r) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		make_orphans(&r, number);
	if (pid > 0)
		status = wait_for(pid);
	close_rendezvous(&r);
	return status != 0 ? fault(s, "orphans: fork failed") : 0;
}
