#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static int fd = -1;

static void handle(int number)
{
	static const unsigned long long one = 1;

	if (stopped)
		_exit(128 + number);
	stopped = number;
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

void stop_install(void)
{
	struct sigaction action = {.sa_handler = handle};

	if (fd < 0)
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool stop_requested(void)
{
	return stopped != 0;
}

int stop_status(void)
{
	return 128 + stopped;
}

int stop_fd(void)
{
	return fd;
}
