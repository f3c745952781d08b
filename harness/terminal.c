#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "stop.h"

static struct termios before;
static volatile sig_atomic_t raw;

/* Only async-signal-safe calls. */
void terminal_restore(void)
{
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	raw = false;
}

static void give_back(int number)
{
	terminal_restore();
	signal(number, SIG_DFL);
	raise(number); /* blocked until this returns */
}

int terminal_raw(struct err **e)
{
	static const int ends[] = {SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
	                           SIGSEGV, SIGBUS, SIGILL,  SIGFPE};
	struct sigaction action = {.sa_handler = give_back};
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return err_set(e, errno, "read the terminal's settings");
	t = before;
	cfmakeraw(&t);
	atexit(terminal_restore);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		sigaction(ends[i], &action, NULL);
	raw = true;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t) < 0)
		return err_set(e, errno, "set the terminal to raw mode");
	return 0;
}

void terminal_size(int *rows, int *columns)
{
	struct winsize size;

	*rows = *columns = 0;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	*rows = size.ws_row;
	*columns = size.ws_col;
}

int terminal_write(int fd, const char *data, size_t len, struct err **e)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};

			poll(&p, 1, -1);
			n = 0;
		} else if (n < 0 && errno != EINTR) {
			return err_set(e, errno, "write what the session says");
		}
		if (n < 0 && stop_requested())
			return err_set(e, 0, "interrupted");
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return 0;
}
