/* Logins that are timed. Unlike a case, nothing is judged and nothing looked for; what is said
 * while a login is under way is only when it was ordered and when the driver said that it was over.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "common/marks.h"
#include "common/procfs.h"
#include "jobs.h"
#include "login.h"
#include "nscount.h"
#include "populate.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

#define SECOND_NS 1000000000LL
#define GONE_NS   (2 * SECOND_NS)

static const char *const calls[MARK_CALLS] = {
    [MARK_AUTH] = "auth", [MARK_SETCRED] = "setcred", [MARK_ACCOUNT] = "account",
    [MARK_OPEN] = "open", [MARK_CLOSE] = "close",
};
static const char *const places[MARK_PLACES] = {
    [MARK_BEGIN] = "begin",
    [MARK_BEFORE] = "before",
    [MARK_AFTER] = "after",
    [MARK_END] = "end",
};

/* How long the processor had nothing to do: what a login waits for a timer, a device or another's
 * grace period, as against what it computes. timer_list has it to the nanosecond; -1 if the kernel
 * does not say. */
static int64_t idle_ns(void)
{
	static const char key[] = ".idle_sleeptime";
	char *text = procfs_file_at(truth_proc_fd, "timer_list", NULL);
	const char *at = text ? strstr(text, key) : NULL;
	int64_t ns = -1;

	if (at)
		at = strchr(at, ':');
	if (at)
		ns = strtoll(at + 1, NULL, 10);
	free(text);
	return ns;
}

/* An instant as ns since the exec of the entry, and what the marker itself took. */
static void add_instant(json_t *timeline, const struct marks *m, const char *what, uint64_t enter,
                        uint64_t leave)
{
	if (enter)
		json_array_append_new(timeline,
		                      json_pack("[s, I, I]", what,
		                                (json_int_t)ticks_to_ns(enter - m->entry_exec),
		                                (json_int_t)ticks_to_ns(leave - enter)));
}

static json_t *timeline(const struct marks *m, uint64_t gone)
{
	json_t *t = json_array();
	uint64_t n = m->n_points < MARK_POINTS ? m->n_points : MARK_POINTS;

	if (!m->entry_exec)
		return t;
	add_instant(t, m, "exec", m->entry_exec, m->entry_exec);
	for (uint64_t i = 0; i < n; i++) {
		const struct mark_point *p = &m->points[i];
		char what[32];

		if (p->call >= MARK_CALLS || p->place >= MARK_PLACES)
			continue;
		snprintf(what, sizeof(what), "%s.%s", calls[p->call], places[p->place]);
		add_instant(t, m, what, p->enter, p->leave);
	}
	add_instant(t, m, "first", m->session_first, m->session_first);
	add_instant(t, m, "readdir.begin", m->readdir_begin, m->readdir_begin);
	add_instant(t, m, "readdir.end", m->readdir_end, m->readdir_end);
	add_instant(t, m, "last", m->session_last, m->session_last);
	add_instant(t, m, "return", m->entry_return, m->entry_return);
	add_instant(t, m, "gone", gone, gone);
	return t;
}

struct namespaces {
	long pid, mnt; /* alive before the login */
};

static struct namespaces count_before(void)
{
	struct namespaces n = {
	    .pid = count_namespaces(NS_COUNT_PID),
	    .mnt = count_namespaces(NS_COUNT_MNT),
	};

	pause_ns(SECOND_NS); /* what the count itself made goes with an RCU grace period */
	return n;
}

/* The instant at which the namespaces that the session had of its own were gone; 0 if it had none,
 * or if they stay. */
static uint64_t wait_until_gone(const struct namespaces *n)
{
	int64_t until = guest_now() + GONE_NS;
	struct marks *m = marks_map(CASE_MARKS);
	bool pid, mnt;
	uint64_t a = 0, b = 0;

	if (!m)
		return 0;
	pid = m->pidns && m->pidns != procfs_ns_at(truth_proc_fd, "1", "pid");
	mnt = m->mntns && m->mntns != procfs_ns_at(truth_proc_fd, "1", "mnt");
	marks_unmap(m);
	if (pid)
		a = wait_for_namespaces(NS_COUNT_PID, n->pid, until);
	if (mnt)
		b = wait_for_namespaces(NS_COUNT_MNT, n->mnt, until);
	if ((pid && !a) || (mnt && !b))
		return 0;
	return a > b ? a : b;
}

struct spent {
	int64_t window,
	    idle; /* ns between the order to the driver and its report; of these, idle */
};

static json_t *describe(const struct login *l, int64_t number, const struct spent *ns,
                        uint64_t gone)
{
	struct marks *m = marks_map(CASE_MARKS);
	json_t *o =
	    json_pack("{s:I, s:o, s:b, s:b, s:I}", "login", (json_int_t)number, "status",
	              l->exited ? json_integer(l->status) : json_null(), "hung", l->hung,
	              "finished", m && m->finished > 0, "window_ns", (json_int_t)ns->window);

	if (ns->idle >= 0)
		json_object_set_new(o, "idle_ns", json_integer(ns->idle));

	json_object_set_new(o, "timeline", m ? timeline(m, gone) : json_array());
	marks_unmap(m);
	return o;
}

static bool login_timed(json_t *job, int64_t number)
{
	bool gone_wanted = json_is_true(json_object_get(job, "gone"));
	struct namespaces n = {0};
	struct spent ns;
	struct login l;
	int64_t idle, since;
	uint64_t gone = 0;

	if (gone_wanted)
		n = count_before();
	pause_ns(json_integer_value(json_object_get(job, "pause_ns")));
	login_prepare(json_object_get(job, "steps"));
	idle = idle_ns();
	observe("bench.", "begin", json_integer(number));
	since = guest_now();
	login_order(&l, job);
	login_wait(&l);
	ns.window = guest_now() - since;
	observe("bench.", "returned", json_integer(number));
	ns.idle = idle < 0 ? -1 : idle_ns() - idle;
	if (gone_wanted && !l.hung)
		gone = wait_until_gone(&n);
	pause_ns(json_integer_value(json_object_get(job, "settle_ns")));
	observe("bench.", "login", describe(&l, number, &ns, gone));
	return !l.hung;
}

int run_bench(json_t *job)
{
	int64_t logins = json_integer_value(json_object_get(job, "logins"));

	prepare(job);
	populate(json_object_get(job, "populate"));
	for (int64_t i = 0; i < logins; i++)
		if (!login_timed(job, i))
			break;
	return 0;
}
