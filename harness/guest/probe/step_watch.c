/* File notifications: who opens a file that both sides can read? */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/ask.h"
#include "probe/probe.h"

#ifndef FAN_REPORT_PIDFD
#define FAN_REPORT_PIDFD 0x80
#endif

struct watched {
	json_t *inotify, *fanotify, *pids;
};

/* Whether there is an event. pid, if not NULL, gets what fanotify says of who made it. */
static bool read_event(int fd, pid_t *pid)
{
	char buffer[1024] __attribute__((aligned(8)));
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (poll(&p, 1, 100) != 1 || read(fd, buffer, sizeof(buffer)) <= 0)
		return false;
	if (pid)
		*pid = ((const struct fanotify_event_metadata *)buffer)->pid;
	return true;
}

static void watch(const struct victim *v, struct watched *w)
{
	cleanup_close int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* Whoever has no privileges can only be told of a file by its handle. */
	cleanup_close int fan =
	    fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
	struct answer a = {0};
	char path[128];
	pid_t pid = 0;

	if (victim_fact(v->name, "watched", path, sizeof(path)) < 0)
		return;
	if (in >= 0)
		inotify_add_watch(in, path, IN_OPEN);
	if (fan >= 0)
		fanotify_mark(fan, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, path);
	if (ask_victim(v->name, ASK_OPEN, &a) < 0 || a.error)
		return;
	if (in >= 0 && read_event(in, NULL))
		add_text(w->inotify, "%s", v->name);
	if (fan >= 0 && read_event(fan, &pid)) {
		add_text(w->fanotify, "%s", v->name);
		if (pid)
			add_text(w->pids, "%s: %d", v->name, pid);
	}
}

int step_watch(struct session *s, long number)
{
	struct watched w = {json_array(), json_array(), json_array()};
	cleanup_close int pidfds =
	    fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_REPORT_PIDFD | FAN_CLOEXEC, 0);
	const char *asked = pidfds < 0 ? errno_name(errno) : "ok";
	cleanup_free struct victim *victims = NULL;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		watch(&victims[i], &w);
	return observe(s, "watch.inotify", w.inotify) | observe(s, "watch.fanotify", w.fanotify) |
	       observe(s, "watch.pids", w.pids) | observe(s, "watch.pidfd", json_string(asked));
}
