/* private_terminal: a session, and a pseudo-terminal, of the session's own. The application's child
 * stays where the application waits for it and has its terminal; it only relays. Its child is what
 * the application meant to start. */
#include "pam_pidns.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

enum { OUTER, MASTER, SIGNALS }; /* the relay's descriptors */

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

/* Relays between the outer terminal and the session's until the child ends; returns on failure
 * only, which hangs up. */
static int relay(int outer, int master, pid_t child)
{
	struct pollfd p[] = {{OUTER, POLLIN, 0}, {MASTER, POLLIN, 0}, {SIGNALS, POLLIN, 0}};
	char name[] = "pam_pidns";
	struct signalfd_siginfo got;
	struct termios mode, raw;
	struct winsize size;
	sigset_t set;
	int status;

	TRY(tcgetattr(outer, &mode));
	raw = mode;
	cfmakeraw(&raw);
	if (!isatty(1))
		raw.c_oflag =
		    mode.c_oflag; /* standard output goes to somebody who may write here */
	sigfillset(&set);
	sigdelset(&set, SIGTTOU);
	TRY(sigprocmask(SIG_SETMASK, &set, NULL));
	TRY(dup2(outer, OUTER));
	TRY(dup2(master, MASTER));
	TRY(syscall(SYS_close_range, 2U, ~0U, 0U));
	TRY(signalfd(-1, &set, SFD_CLOEXEC));
	TRY(become_helper(name));
	tcsetattr(OUTER, TCSADRAIN, &raw); /* in the background: stops until it is not */
	for (;;) {
		/* What nobody reads yet must not keep what is written from being shown. */
		bool full = poll(&(struct pollfd){MASTER, POLLOUT, 0}, 1, 0) == 0;

		if (waitpid(child, &status, WNOHANG) == child)
			finish(status, &mode);
		p[OUTER].fd = full ? -1 : OUTER;
		p[MASTER].events = POLLIN | (full ? POLLOUT : 0);
		poll(p, 3, -1);
		if (p[MASTER].revents & (POLLIN | POLLHUP) && !copy(MASTER, OUTER))
			p[MASTER].fd = -1; /* nobody has the terminal any more */
		if (!full && p[OUTER].revents && !copy(OUTER, MASTER))
			_exit(128 + SIGHUP); /* hangs up inside, too */
		if (!p[SIGNALS].revents || read(SIGNALS, &got, sizeof(got)) != sizeof(got))
			continue;
		if (got.ssi_signo == SIGCONT)
			tcsetattr(OUTER, TCSADRAIN, &raw);
		else if (got.ssi_signo != SIGCHLD && got.ssi_signo != SIGWINCH)
			kill(child, (int)got.ssi_signo);
		if (ioctl(OUTER, TIOCGWINSZ, &size) == 0)
			ioctl(MASTER, TIOCSWINSZ, &size);
	}
}

int take_terminal(uid_t uid)
{
	int outer = isatty(0) ? 0 : isatty(1) ? 1 : 2, master, saved[3];
	struct winsize size = {0};
	struct termios mode;
	pid_t child;

	/* An application that has made a pseudo-terminal sees to all of this itself: su --pty, sudo
	 * with use_pty, sshd. So does sshd without one, but its own process for the user stays. */
	for (int fd = 3, n; fd < 256; fd++)
		if (ioctl(fd, TIOCGPTN, &n) == 0)
			return 0;
	if (tcgetattr(outer, &mode) == -1) {
		TRY(setsid());
		return 0;
	}
	ioctl(outer, TIOCGWINSZ, &size);
	for (int fd = 0; fd <= 2; fd++)
		saved[fd] = isatty(fd) ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	TRY(child = forkpty(&master, NULL, &mode, &size));
	if (child > 0)
		return relay(outer, master, child);
	for (int fd = 0; fd <= 2; fd++) {
		TRY(saved[fd] >= 0 ? dup2(saved[fd], fd) : fchown(fd, uid, (gid_t)-1));
		close(saved[fd]);
	}
	return 0;
}
