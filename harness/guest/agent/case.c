/* One test case. The order is the point: look, log in, look while the session holds still, act, let
 * it go on, look again. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions.h"
#include "common/json_line.h"
#include "common/marks.h"
#include "common/procfs.h"
#include "faults.h"
#include "jobs.h"
#include "klog.h"
#include "login.h"
#include "prepare.h"
#include "report.h"
#include "run.h"
#include "session.h"
#include "truth.h"

#define SECOND_NS 1000000000LL
#define SWEEP_NS  (45 * SECOND_NS)

static int64_t integer(json_t *job, const char *key, int64_t otherwise)
{
	json_t *v = json_object_get(job, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static bool has_step(json_t *steps, const char *name)
{
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) if (!strcmp(json_string_value(step), name)) return true;
	return false;
}

static const struct {
	const char *name;
	void (*run)(void);
} possible[] = {
#define STEP(name, function, argument, least, most, flags, about)
#define ACTION(name, function, about) {name, function},
#define OBSERVATION(name, type, needs, about)
#include "probes/all.def"
};

static void act(json_t *actions)
{
	json_t *action;
	size_t i;

	json_array_foreach(actions, i, action)
	{
		size_t n = 0;

		while (n < sizeof(possible) / sizeof(*possible) &&
		       strcmp(json_string_value(action), possible[n].name) != 0)
			n++;
		if (n < sizeof(possible) / sizeof(*possible))
			possible[n].run();
		else
			report_fault("unknown action \"%s\"", json_string_value(action));
	}
}

/* What the entry wrote of itself. */
static void forward_entry(void)
{
	json_t *line, *lines = login_lines(CASE_ENTRY);
	size_t i;

	json_array_foreach(lines, i, line)
	{
		const char *name = json_string_value(json_object_get(line, "name"));

		if (name && (!strncmp(name, "caller.", 7) || !strncmp(name, "entry.", 6)))
			observe("", name, json_incref(json_object_get(line, "value")));
	}
	json_decref(lines);
}

/* What the session wrote, with its names below session. */
static void forward_session(void)
{
	json_t *line, *lines = login_lines(CASE_SESSION);
	size_t i;

	json_array_foreach(lines, i, line)
	{
		const char *name = json_string_value(json_object_get(line, "name"));

		if (name && !strcmp(name, "fault"))
			report_fault("session: %s",
			             json_string_value(json_object_get(line, "value")));
		else if (name)
			observe("session.", name, json_incref(json_object_get(line, "value")));
	}
	json_decref(lines);
}

static void observe_login(const struct login *l)
{
	struct marks *m = marks_map(CASE_MARKS);

	forward_session();
	forward_entry();
	observe("session.", "started", json_boolean(m && m->sessions > 0));
	observe("session.", "finished", json_boolean(m && m->finished > 0));
	observe("entry.", "status", l->exited ? json_integer(l->status) : json_null());
	observe("entry.", "signal", l->signal ? json_integer(l->signal) : json_null());
	observe("entry.", "hung", json_boolean(l->hung));
	if (m && m->sessions && m->entry_exec)
		observe("entry.", "enter_ns",
		        json_integer(ticks_to_ns(m->session_first - m->entry_exec)));
	if (m && m->finished && m->entry_return)
		observe("entry.", "leave_ns",
		        json_integer(ticks_to_ns(m->entry_return - m->session_last)));
	if (m && m->entry_exec && m->entry_return)
		observe("entry.", "total_ns",
		        json_integer(ticks_to_ns(m->entry_return - m->entry_exec)));
	observe("entry.", "output", login_output(2000));
	marks_unmap(m);
}

static void login_once(json_t *job)
{
	json_t *steps = json_object_get(job, "steps");
	const char *fault = json_string_value(json_object_get(job, "fault"));
	struct login l;

	fault_apply(fault, 0);
	if (access(FAULT_WAY, F_OK) == 0) /* many sessions before the one that counts */
		json_object_set_new(job, "patience_ns", json_integer(SWEEP_NS));
	login_start(&l, job, steps);
	if (has_step(steps, "hold") && login_wait_held(&l)) {
		session_observe();
		truth_observe("during");
		act(json_object_get(job, "during"));
		login_let_go();
	}
	login_wait(&l);
	fault_lift(fault);
	pause_ns(integer(job, "settle_ns", 2 * SECOND_NS));
	observe_login(&l);
}

/* The first look of the login that just ended: did it find the right /proc? */
static bool first_look_right(void)
{
	json_t *line, *lines = login_lines(CASE_SESSION);
	bool right = true;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		const char *name = json_string_value(json_object_get(line, "name"));

		if (name && !strcmp(name, "first.proc_right"))
			right = json_is_true(json_object_get(line, "value"));
	}
	json_decref(lines);
	return right;
}

/* A session that ran, although what it saw is not its own: what that was, or NULL. */
static json_t *exposure(void)
{
	json_t *line, *seen = NULL, *lines = login_lines(CASE_SESSION);
	size_t i;

	json_array_foreach(lines, i, line)
	{
		const char *name = json_string_value(json_object_get(line, "name"));
		json_t *value = json_object_get(line, "value");

		if (!seen && name && !strcmp(name, "first.proc_right") && json_is_false(value))
			seen = json_string("no /proc of its own");
		else if (!seen && name && !strcmp(name, "list.argv_secrets") &&
		         json_array_size(value))
			seen = json_string("processes outside");
	}
	json_decref(lines);
	return seen;
}

/* Many logins, one after the other, each a little later against the clock's tick than the one
 * before: a race that depends on where in a tick the login starts shows in some of them. */
static void login_often(json_t *job, int64_t count)
{
	int64_t phase = integer(job, "phase_ns", 0);
	const char *fault = json_string_value(json_object_get(job, "fault"));
	json_t *unfinished = json_array(), *missing = json_array(), *exposed = json_array();

	int64_t made = 0;
	bool hung = false;

	/* A login that hangs takes its time, and so would all that come after it. */
	for (int64_t i = 0; i < count && !hung; i++, made++) {
		int64_t round = guest_now() / (SECOND_NS / 10) + 1;
		json_t *seen;
		struct marks *m;
		struct login l;

		pause_ns(round * (SECOND_NS / 10) + i * phase - guest_now());
		fault_apply(fault, (int)i);
		login_start(&l, job, json_object_get(job, "steps"));
		login_wait(&l);
		fault_lift(fault);
		hung = l.hung;
		m = marks_map(CASE_MARKS);
		if (!m || !m->finished || l.hung || l.signal || l.status)
			json_array_append_new(
			    unfinished, l.hung ? json_sprintf("%d: hung", (int)i)
			                : l.signal
			                    ? json_sprintf("%d: signal %d", (int)i, l.signal)
			                    : json_sprintf("%d: status %d", (int)i, l.status));
		if (m && m->sessions && !first_look_right())
			json_array_append_new(missing, json_integer(i));
		seen = m && m->sessions ? exposure() : NULL;
		if (seen)
			json_array_append_new(
			    exposed, json_sprintf("%d: %s", (int)i, json_string_value(seen)));
		json_decref(seen);
		marks_unmap(m);
	}
	observe("logins.", "count", json_integer(made));
	observe("logins.", "exposed", exposed);
	observe("logins.", "unfinished", unfinished);
	observe("logins.", "proc_missing", missing);
}

static void login_again(json_t *job)
{
	json_t *steps = json_array();
	struct marks *m;
	struct login l;

	login_start(&l, job, steps);
	login_wait(&l);
	m = marks_map(CASE_MARKS);
	observe("again.", "status", l.exited ? json_integer(l.status) : json_null());
	observe("again.", "finished", json_boolean(m && m->finished));
	marks_unmap(m);
	json_decref(steps);
}

int run_case(json_t *job)
{
	int64_t logins = integer(job, "logins", 1);
	char path[512];

	klog_begin();
	install_module(json_object_get(job, "module"), path, sizeof(path));
	if (prepare(job))
		truth_before();
	truth_want(json_object_get(job, "observe"));
	truth_observe("before");
	if (logins > 1) {
		login_often(job, logins);
		pause_ns(integer(job, "settle_ns", 2 * SECOND_NS));
	} else {
		login_once(job);
	}
	truth_observe("after");
	session_observe_aftermath();
	if (json_is_true(json_object_get(job, "relogin")))
		login_again(job);
	return 0;
}
