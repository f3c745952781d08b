/* A victim's answers: ask_victim() in victim_ask.c is the other side. */
#include "probe/victim_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/connector.h"
#include "probe/probe.h"

static int greet(struct holder *h)
{
	(void)h;
	return 0;
}

static int send_message(struct holder *h)
{
	mqd_t q = mq_open(ASK_QUEUE, O_WRONLY | O_NONBLOCK);
	int r;

	(void)h;
	if (q == (mqd_t)-1)
		return -1;
	r = mq_send(q, "x", 1, 0);
	mq_close(q);
	return r;
}

static int open_watched(struct holder *h)
{
	cleanup_close int fd = -1;
	char path[128], byte;

	snprintf(path, sizeof(path), "%s/watched", h->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, &byte, 1) < 0 ? -1 : 0;
}

static int start_process(struct holder *h)
{
	pid_t pid = fork();

	(void)h;
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		wait_for(pid);
	return pid;
}

static int make_watch(struct holder *h)
{
	int fd = inotify_init1(IN_CLOEXEC);

	(void)h;
	return fd < 0 ? -1 : close(fd);
}

/* The kernel sends events as long as anybody outside listens. */
static int make_events(struct holder *h)
{
	cleanup_close int fd = connector_open();
	int pid = -1;

	if (fd < 0 || connector_listen(fd, true) < 0)
		return -1;
	pid = start_process(h);
	connector_listen(fd, false);
	return pid;
}

static const struct {
	enum request request;
	int (*run)(struct holder *h);
} services[] = {
    {ASK_GREETING, greet},     {ASK_MESSAGE, send_message}, {ASK_OPEN, open_watched},
    {ASK_FORK, start_process}, {ASK_WATCH, make_watch},     {ASK_EVENTS, make_events},
};

void serve_one(struct holder *h, int fd)
{
	struct pollfd asked = {.fd = fd, .events = POLLIN};
	struct answer a = {.error = EINVAL};
	char letter = 0;

	if (poll(&asked, 1, 1000) != 1 || read(fd, &letter, 1) != 1)
		return;
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if ((enum request)letter == services[i].request) {
			a.value = services[i].run(h);
			a.error = a.value < 0 ? errno : 0;
		}
	send(fd, &a, sizeof(a), MSG_NOSIGNAL);
}
