/* private_terminal: a session, and a pseudo-terminal, of the session's own. The application's child
 * stays where the application waits for it and has its terminal; it only relays. Its child leads
 * the session, and the child of that is what the application meant to start. */
#include "pam_pidns.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

enum { OUTER, MASTER, SIGNALS }; /* descriptors of relay and leader */

static bool copy(int from, int to)
{
	char buf[1024];
	ssize_t n = read(from, buf, sizeof(buf)), done = 0, part;

	while (done < n && (part = write(to, buf + done, (size_t)(n - done))) > 0)
		done += part;
	return n > 0 && done == n;
}

/* Says what is left to say, and ends as the child did. */
static _Noreturn void finish(int status, const struct termios *mode)
{
	fcntl(MASTER, F_SETFL, O_NONBLOCK);
	while (copy(MASTER, OUTER))
		;
	tcsetattr(OUTER, TCSADRAIN, mode);
	if (WIFSIGNALED(status)) {
		sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/* Until the child ends: hands on signals and, between the outer terminal and the session's, what is
 * typed and printed. The leader has neither, -1. Returns on failure only, which hangs up. */
static int relay(int outer, int master, pid_t child, const struct termios *mode)
{
	struct pollfd p[] = {
	    {-1, POLLIN, 0}, {master < 0 ? -1 : MASTER, 0, 0}, {SIGNALS, POLLIN, 0}};
	struct termios raw = *mode;
	char name[] = "pam_pidns";
	struct signalfd_siginfo got;
	struct winsize size;
	sigset_t set;
	int status = 0;

	cfmakeraw(&raw);
	if (!isatty(1)) /* standard output goes to somebody who may write here */
		raw.c_oflag = mode->c_oflag;
	TRY(outer < 0 ? 0 : dup2(outer, OUTER));
	TRY(master < 0 ? 0 : dup2(master, MASTER));
	TRY(syscall(SYS_close_range, outer < 0 ? 0U : 2U, ~0U, 0U));
	sigfillset(&set);
	sigdelset(&set, SIGTTOU);
	TRY(sigprocmask(SIG_SETMASK, &set, NULL));
	TRY(dup2(signalfd(-1, &set, SFD_CLOEXEC), SIGNALS));
	TRY(become_helper(name));
	tcsetattr(OUTER, TCSADRAIN, &raw); /* in the background: stops until it is not */
	for (;;) {
		/* What nobody reads yet must not keep what is written from being shown. */
		bool full = poll(&(struct pollfd){MASTER, POLLOUT, 0}, 1, 0) == 0;

		if (waitpid(child, &status, WNOHANG) != 0)
			finish(status, mode);
		p[OUTER].fd = full || outer < 0 ? -1 : OUTER;
		p[MASTER].events = POLLIN | (full ? POLLOUT : 0);
		poll(p, 3, -1);
		if (p[MASTER].revents & (POLLIN | POLLHUP) && !copy(MASTER, OUTER))
			p[MASTER].fd = -1; /* nobody has the terminal any more */
		if (p[OUTER].revents && !copy(OUTER, MASTER))
			_exit(128 + SIGHUP); /* hangs up inside, too */
		if (!p[SIGNALS].revents || read(SIGNALS, &got, sizeof(got)) != sizeof(got))
			continue;
		if (got.ssi_signo == SIGCONT)
			tcsetattr(OUTER, TCSADRAIN, &raw);
		/* A terminal tells all in its foreground itself, but not who has left the session,
		 * as su(1) does with -c, nor of a hang-up who is in the background. */
		if (got.ssi_signo != SIGCHLD && got.ssi_signo != SIGWINCH &&
		    (got.ssi_code != SI_KERNEL || got.ssi_signo == SIGHUP ||
		     getsid(child) != getpid()))
			kill(child, (int)got.ssi_signo);
		if (ioctl(OUTER, TIOCGWINSZ, &size) == 0)
			ioctl(MASTER, TIOCSWINSZ, &size);
	}
}

int take_terminal(uid_t uid)
{
	int outer = isatty(0) ? 0 : isatty(1) ? 1 : 2, master, saved[3];
	struct winsize size = {0};
	struct termios mode = {0};
	sigset_t all, before;
	pid_t child;

	/* An application that has made a pseudo-terminal sees to all of this itself: su --pty, sudo
	 * with use_pty, sshd. So does sshd without one, but its own process for the user stays. */
	for (int fd = 3, n; fd < 256; fd++)
		if (ioctl(fd, TIOCGPTN, &n) == 0)
			return 0;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (tcgetattr(outer, &mode) == -1) {
		TRY(setsid());
	} else {
		ioctl(outer, TIOCGWINSZ, &size);
		for (int fd = 0; fd <= 2; fd++)
			saved[fd] = isatty(fd) ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
		TRY(child = forkpty(&master, NULL, &mode, &size));
		if (child > 0)
			return relay(outer, master, child, &mode);
		for (int fd = 0; fd <= 2; fd++) {
			TRY(saved[fd] >= 0 ? dup2(saved[fd], fd) : fchown(fd, uid, (gid_t)-1));
			close(saved[fd]);
		}
	}
	/* Who leads a session can make none, which pam_exec(8) and others are not prepared for. */
	TRY(child = fork());
	if (child > 0)
		return relay(-1, -1, child, &mode);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
