/* private_terminal: a session, and a pseudo-terminal, of the session's own. The application's child
 * stays where the application waits for it and has its terminal; it only relays. Its child is what
 * the application meant to start. */
#include "pam_pidns.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { OUTER, MASTER, SIGNALS }; /* the relay's descriptors */

static bool copy(int from, int to)
{
	char buf[1024];
	ssize_t n = read(from, buf, sizeof(buf)), done = 0, part;

	while (done < n && (part = write(to, buf + done, (size_t)(n - done))) > 0)
		done += part;
	return n > 0 && done == n;
}

static void copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

/* Says what is left to say, and ends as the child did. */
static _Noreturn void finish(int status, const struct termios *mode)
{
	sigset_t none;

	fcntl(MASTER, F_SETFL, O_NONBLOCK);
	while (copy(MASTER, OUTER))
		;
	tcsetattr(OUTER, TCSADRAIN, mode);
	if (WIFSIGNALED(status)) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

static _Noreturn void relay(pid_t child)
{
	struct pollfd p[] = {{OUTER, POLLIN, 0}, {MASTER, POLLIN, 0}, {SIGNALS, POLLIN, 0}};
	struct signalfd_siginfo got;
	struct termios mode, raw;
	int status;

	tcgetattr(OUTER, &mode);
	raw = mode;
	cfmakeraw(&raw);
	tcsetattr(OUTER, TCSADRAIN, &raw); /* in the background: stops until it is not */
	for (;;) {
		/* What nobody reads yet must not keep what is written from being shown. */
		struct pollfd room = {MASTER, POLLOUT, 0};
		bool full = poll(&room, 1, 0) == 0;

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
		if (got.ssi_signo == SIGWINCH || got.ssi_signo == SIGCONT)
			copy_size(OUTER, MASTER);
		else if (got.ssi_signo != SIGCHLD)
			kill(child, (int)got.ssi_signo);
	}
}

static _Noreturn void become_relay(pid_t child, int outer, int master)
{
	char name[] = "pam_pidns";
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGTTOU);
	if (dup2(outer, OUTER) == OUTER && dup2(master, MASTER) == MASTER &&
	    syscall(SYS_close_range, 2U, ~0U, 0U) == 0 &&
	    sigprocmask(SIG_SETMASK, &set, NULL) == 0 &&
	    signalfd(-1, &set, SFD_CLOEXEC) == SIGNALS && become_helper(name) == 0)
		relay(child);
	_exit(1); /* hangs up */
}

static int open_terminal(int outer, uid_t uid, int *slave)
{
	int unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;

	if (ioctl(master, TIOCSPTLCK, &unlock) == -1 ||
	    (*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1 ||
	    fchown(*slave, uid, (gid_t)-1) == -1 || tcgetattr(outer, &mode) == -1 ||
	    tcsetattr(*slave, TCSANOW, &mode) == -1)
		return fail("make a terminal", "");
	copy_size(outer, master);
	return master;
}

int take_terminal(uid_t uid)
{
	int outer = isatty(0) ? 0 : isatty(1) ? 1 : isatty(2) ? 2 : -1, master = -1, slave = -1, n;
	pid_t child = 0;

	/* An application that has made a pseudo-terminal sees to all of this itself: su --pty, sudo
	 * with use_pty, sshd. So does sshd without one, but its own process for the user stays. */
	for (int fd = 3; fd < 256; fd++)
		if (ioctl(fd, TIOCGPTN, &n) == 0)
			return 0;
	if (outer >= 0) {
		if ((master = open_terminal(outer, uid, &slave)) == -1)
			return -1;
		if ((child = _Fork()) == -1)
			return fail("start another process", "");
		if (child > 0)
			become_relay(child, outer, master);
	}
	if (setsid() == -1 || (slave >= 0 && ioctl(slave, TIOCSCTTY, 0) == -1))
		return fail("start a session", "");
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			dup2(slave, fd);
	close(slave);
	close(master);
	return 0;
}
