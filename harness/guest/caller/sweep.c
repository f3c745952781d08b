#include "sweep.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "common/json_line.h"
#include "sweep_calls.h"
#include "sweep_try.h"

enum {
	OPEN_MS = 8000, /* for all of a try; modules wait for their helper for 5 s at most */
	LEFT_MS = 3000, /* for what a try has started, after its end */
	SHORT_TRIES = 100,
	LONG_TRIES = 30,
	LONG_MS = 200,
	MOST_TRIES = 400, /* no module makes that many calls of these */
	ENOUGH_SEEN = 10, /* tries in which the same goes wrong */
};

static bool any_of(const struct try *t, const struct sweep_call *c, pid_t pid)
{
	(void)t, (void)pid;
	return c != NULL;
}

static bool none_of(const struct try *t, const struct sweep_call *c, pid_t pid)
{
	(void)t, (void)c, (void)pid;
	return false;
}

static bool that_lies(const struct try *t, const struct sweep_call *c, pid_t pid)
{
	(void)t, (void)pid;
	return c->flags & CALL_LIES;
}

static bool of_helper(const struct try *t, const struct sweep_call *c, pid_t pid)
{
	(void)c;
	return pid != t->pid && !t->shared->forking;
}

static bool of_caller(const struct try *t, const struct sweep_call *c, pid_t pid)
{
	(void)c;
	return pid == t->pid;
}

static int error_of(const struct sweep_call *c)
{
	return c->err;
}

static int no_error(const struct sweep_call *c)
{
	(void)c;
	return 0;
}

/* How a call goes wrong: which can, while what is done, what it returns (NULL: it is made), and
 * what signal comes in its place, to whoever makes it. */
static const struct way {
	const char *word;
	bool (*can)(const struct try *t, const struct sweep_call *c, pid_t pid);
	enum phase phase;
	int (*error)(const struct sweep_call *c);
	int signal;
	enum sweep_watch watch;
	bool keeps; /* the scenario wants the application to be as before */
} ways[] = {
    {"fails", any_of, OPENING, error_of, 0, WATCH_ALL, true},
    {"lies", that_lies, OPENING, no_error, 0, WATCH_LIES, false},
    {"missing", NULL, OPENING, NULL, 0, WATCH_NEW, true},
    {"helper-killed", of_helper, OPENING, NULL, SIGKILL, WATCH_CHANGES, true},
    {"caller-killed", of_caller, OPENING, NULL, SIGKILL, WATCH_CHANGES, false},
    {"caller-terminated", of_caller, OPENING, NULL, SIGTERM, WATCH_CHANGES, false},
    {"closing-fails", any_of, CLOSING, error_of, 0, WATCH_ALL, false},
    {"none", none_of, BEFORE, NULL, 0, WATCH_NONE, true},
};

static struct {
	const struct way *way;
	int log;
	json_t *done, *exposed, *changed, *left, *hung;
	json_t *vain;
	int tries, refused, opened, finished;
	struct before before;
} sweep_of;

static const struct way *wanted(void)
{
	FILE *f = fopen(FAULT_WAY, "re");
	char word[32] = "";

	if (!f)
		return NULL;
	if (fscanf(f, "%31s", word) != 1)
		word[0] = '\0';
	fclose(f);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].word, word))
			return &ways[i];
	return NULL;
}

/* --- one call ------------------------------------------------------------------------------------
 */

/* Does this call go wrong in this try? One does in each: that which no earlier try has had. With
 * the way "missing" it is all calls of a kind. */
static bool is_chosen(struct try *t, int call, pid_t pid)
{
	const struct way *w = sweep_of.way;
	const struct sweep_call *c = &sweep_calls[call];

	if (t->shared->phase != w->phase || (pid == t->pid && t->shared->forked))
		return false;
	if (!w->can)
		return call == t->number;
	if (t->hit >= 0 || !w->can(t, c, pid) || (c->most && t->made[call] >= c->most))
		return false;
	t->made[call]++;
	return t->count++ == t->number;
}

static void answer_call(struct try *t)
{
	const struct way *w = sweep_of.way;
	struct seccomp_notif n = {0};
	struct seccomp_notif_resp r = {0};
	int call;

	if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return; /* who called was killed */
	r.id = n.id;
	r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	call = sweep_calls_find(n.data.nr);
	if (call >= 0 && is_chosen(t, call, (pid_t)n.pid)) {
		t->hit = call;
		t->in_child = (pid_t)n.pid != t->pid;
		if (w->signal) {
			kill((pid_t)n.pid, w->signal);
			if (w->signal == SIGKILL)
				return; /* the call is never made */
		} else {
			r.flags = 0;
			r.error = w->error ? -w->error(&sweep_calls[call]) : -ENOSYS;
		}
	}
	ioctl(t->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

static void read_log(void)
{
	char line[1024];

	while (recv(sweep_of.log, line, sizeof(line), MSG_DONTWAIT) > 0)
		;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Answers until nobody is left who could ask. */
static void supervise(struct try *t)
{
	int64_t until = now_ms() + OPEN_MS;
	bool ended = false;

	for (;;) {
		struct pollfd p[] = {{t->gone ? -1 : t->listener, POLLIN, 0},
		                     {sweep_of.log, POLLIN, 0},
		                     {ended ? -1 : t->pidfd, POLLIN, 0}};
		int64_t left = until - now_ms();

		poll(p, 3, left > 0 ? (int)left + 1 : 0);
		if (p[1].revents)
			read_log();
		if (p[0].revents & POLLIN)
			answer_call(t);
		else if (p[0].revents & POLLHUP)
			t->gone = true;
		if (p[2].revents && waitpid(t->pid, NULL, WNOHANG) == t->pid) {
			ended = true;
			until = now_ms() + LEFT_MS;
		}
		if ((t->gone && ended) || (ended && now_ms() > until))
			return;
		if (now_ms() > until) {
			t->hung = true;
			kill(t->pid, SIGKILL);
			until = now_ms() + LEFT_MS;
		}
	}
}

/* --- one try -------------------------------------------------------------------------------------
 */

static void note(json_t *list, const struct try *t, const char *what)
{
	const char *call = t->hit < 0 ? "no call" : sweep_calls[t->hit].name;

	json_array_append_new(list, json_sprintf("%d %s%s%s%s", t->number + 1, call,
	                                         t->in_child ? " in a child" : "",
	                                         *what ? ": " : "", what));
}

static void add_once(json_t *list, const char *text)
{
	json_t *known;
	size_t i;

	json_array_foreach(list, i, known) if (!strcmp(json_string_value(known), text)) return;
	json_array_append_new(list, json_string(text));
}

/* A wait that failed although there was a child: there still is. */
static bool is_own_child(const struct try *t)
{
	return t->hit >= 0 && sweep_calls[t->hit].flags & CALL_WAITS &&
	       !strcmp(t->shared->changed, "children");
}

static void judge(const struct try *t)
{
	const struct try_result *r = t->shared;

	sweep_of.tries++;
	sweep_of.refused += r->began && !r->opened;
	sweep_of.opened += r->opened;
	sweep_of.finished += r->finished;
	if (r->vain)
		note(sweep_of.vain, t, "");
	if (t->hit >= 0)
		add_once(sweep_of.done, sweep_calls[t->hit].name);
	if (*r->exposed)
		note(sweep_of.exposed, t, r->exposed);
	if (*r->changed && sweep_of.way->phase != CLOSING && !is_own_child(t))
		note(sweep_of.changed, t, r->changed);
	if (t->hung)
		note(sweep_of.hung, t, "");
	else if (!t->gone)
		note(sweep_of.left, t, "");
}

/* Returns whether there was a call to go wrong, -1 on failure. */
static int try_number(pam_handle_t *pamh, struct try_result *shared, int number)
{
	bool started;
	struct try t = {
	    .number = number, .watch = sweep_of.way->watch, .shared = shared, .hit = -1};

	if (sweep_of.way->can == none_of && number >= SHORT_TRIES)
		t.stay_ms = LONG_MS;
	memset(shared, 0, sizeof(*shared));
	started = try_start(&t, pamh, &sweep_of.before) == 0;
	if (started)
		supervise(&t);
	if (t.listener >= 0)
		close(t.listener);
	if (t.pidfd >= 0)
		close(t.pidfd);
	if (!started)
		return -1;
	judge(&t);
	return t.hit >= 0;
}

/* In how many tries the same was wrong, of what the scenario judges: what it does not must not end
 * the sweep, or it would hold for what was never tried. */
static size_t count_wrong(void)
{
	size_t exposed = json_array_size(sweep_of.exposed);
	size_t changed = sweep_of.way->keeps ? json_array_size(sweep_of.changed) : 0;

	return exposed > changed ? exposed : changed;
}

/* What is left or hangs takes seconds of a busy processor, and one such has broken the property, as
 * have ten of the others. */
static bool is_enough(void)
{
	return json_array_size(sweep_of.left) + json_array_size(sweep_of.hung) > 0 ||
	       count_wrong() >= ENOUGH_SEEN;
}

static int try_often(pam_handle_t *pamh, struct try_result *shared)
{
	int more = 0;

	for (int i = 0; more >= 0 && i < SHORT_TRIES + LONG_TRIES && !is_enough(); i++)
		more = try_number(pamh, shared, i);
	return more < 0 ? -1 : 0;
}

static int try_all(pam_handle_t *pamh, struct try_result *shared)
{
	int more;

	if (sweep_of.way->can == none_of)
		return try_often(pamh, shared);
	more = try_number(pamh, shared, -1); /* in which nothing goes wrong */
	if (!sweep_of.way->can) {
		for (int i = 0; more >= 0 && i < (int)sweep_calls_count && !is_enough(); i++)
			if (sweep_calls[i].flags & CALL_NEW)
				more = try_number(pamh, shared, i);
		return more < 0 ? -1 : 0;
	}
	if (more < 0)
		return -1;
	/* What is seen although nothing goes wrong is seen in each try, and fails by itself. Of
	 * lies it is judged, too, which calls there were. */
	if (sweep_of.way->watch != WATCH_LIES && count_wrong() > 0)
		return 0;
	more = 1;
	for (int i = 0; more > 0 && i < MOST_TRIES && !is_enough(); i++)
		more = try_number(pamh, shared, i);
	return more < 0 ? -1 : 0;
}

static void say(int out, const char *name, json_t *value)
{
	cleanup_free char *whole = NULL;

	if (asprintf(&whole, "caller.sweep.%s", name) < 0)
		abort();
	json_line_observe(out, whole, value);
}

int sweep(pam_handle_t *pamh, int out, int log)
{
	struct try_result *shared;
	int status;

	sweep_of.way = wanted();
	if (!sweep_of.way)
		return 0;
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	sweep_of.log = log;
	sweep_of.done = json_array();
	sweep_of.exposed = json_array();
	sweep_of.changed = json_array();
	sweep_of.left = json_array();
	sweep_of.hung = json_array();
	sweep_of.vain = json_array();
	status = try_prepare(&sweep_of.before);
	if (status == 0)
		status = try_all(pamh, shared);
	json_decref(sweep_of.before.state);
	munmap(shared, sizeof(*shared));
	say(out, "tries", json_integer(sweep_of.tries));
	say(out, "refused", json_integer(sweep_of.refused));
	say(out, "opened", json_integer(sweep_of.opened));
	say(out, "finished", json_integer(sweep_of.finished));
	say(out, "vain", sweep_of.vain);
	say(out, "calls", sweep_of.done);
	say(out, "exposed", sweep_of.exposed);
	say(out, "changed", sweep_of.changed);
	say(out, "left", sweep_of.left);
	say(out, "hung", sweep_of.hung);
	return status;
}
