#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "text.h"

#define KEPT 65536

struct stream {
	int fd;
	char *text;
	size_t len;
};

void captured_free(struct captured *c)
{
	free(c->out);
	free(c->err);
	*c = (struct captured){0};
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

__attribute__((noreturn)) static void become(char *const argv[], pid_t parent, int out, int err,
                                             int failed)
{
	int null = open("/dev/null", O_RDONLY);
	int errnum;

	/* A parent that died before prctl would never signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(127);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	errnum = errno;
	if (write(failed, &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(127);
}

/* Takes what is there; false at the end. What is over the limit is read and dropped. */
static bool drain(struct stream *s)
{
	char buf[4096];
	ssize_t n = read(s->fd, buf, sizeof(buf));
	size_t room = KEPT - s->len;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(s->text + s->len, buf, room);
	s->len += room;
	return n > 0;
}

/* Reads both streams to their ends, or until the time is up; false then. */
static bool listen_to(struct stream streams[2], long long until_ms)
{
	struct pollfd fds[2] = {{.fd = streams[0].fd, .events = POLLIN},
	                        {.fd = streams[1].fd, .events = POLLIN}};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		long long left = until_ms - now_ms();
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		for (int i = 0; i < 2; i++)
			if (fds[i].fd >= 0 && fds[i].revents && !drain(&streams[i]))
				fds[i].fd = -1;
	}
	return true;
}

/* Waits for the child, at the limit kills it. Its pid stays ours until it is reaped here. */
static void reap(pid_t pid, bool in_time, long long until_ms, struct captured *c)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	pid_t got;

	while (in_time && (got = waitpid(pid, &c->status, WNOHANG)) != pid) {
		in_time = (got == 0 || errno == EINTR) && now_ms() < until_ms;
		nanosleep(&nap, NULL);
	}
	if (in_time)
		return;
	c->timed_out = true;
	kill(pid, SIGKILL);
	while (waitpid(pid, &c->status, 0) < 0 && errno == EINTR)
		;
}

int capture(char *const argv[], int limit_ms, struct captured *c, struct err **e)
{
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	struct stream streams[2] = {0};
	long long began = now_ms();
	pid_t parent = getpid(), pid = -1;
	int failure = 0;

	*c = (struct captured){0};
	for (int i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			failure = errno;
	if (!failure && (pid = fork()) < 0)
		failure = errno;
	if (pid == 0)
		become(argv, parent, pipes[0][1], pipes[1][1], pipes[2][1]);
	for (int i = 0; i < 3; i++)
		if (pipes[i][1] >= 0)
			close(pipes[i][1]);
	for (int i = 0; i < 2; i++) {
		streams[i] = (struct stream){pipes[i][0], calloc(1, KEPT + 1), 0};
		if (!streams[i].text)
			abort();
	}
	if (pid > 0) {
		int errnum;

		/* The pipe closes at the exec; if that fails, it says why. */
		if (read(pipes[2][0], &errnum, sizeof(errnum)) == sizeof(errnum))
			failure = errnum;
		reap(pid, listen_to(streams, began + limit_ms), began + limit_ms, c);
	}
	for (int i = 0; i < 3; i++)
		if (pipes[i][0] >= 0)
			close(pipes[i][0]);
	c->out = streams[0].text;
	c->err = streams[1].text;
	c->wall_ms = now_ms() - began;
	return failure ? err_set(e, failure, "run %s", argv[0]) : 0;
}

char *find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (!path || !*path)
		path = "/usr/bin:/bin:/usr/sbin:/sbin";
	for (const char *end; *path; path = *end ? end + 1 : end) {
		cleanup_free char *full = NULL;
		int n;

		end = strchrnul(path, ':');
		n = (int)(end - path);
		full = text_format("%.*s/%s", n ? n : 1, n ? path : ".", name);
		if (access(full, X_OK) == 0)
			return take_ptr(full);
	}
	return NULL;
}
