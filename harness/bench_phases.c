#include "bench_phases.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

const struct bench_phase bench_phases[] = {
    {"start",
     "exec of the entry until it enters a PAM stack: loading it, its modules, its questions"},
    {"auth", "pam_authenticate"},
    {"account", "pam_acct_mgmt"},
    {"setcred", "pam_setcred, all calls"},
    {"open_before", "pam_open_session: the modules before the candidate"},
    {"open_candidate", "the candidate's pam_sm_open_session"},
    {"open_after", "pam_open_session: the modules after the candidate"},
    {"application", "what the entry does between the stacks"},
    {"program", "fork and exec, from the last stack to the user's program's first instruction"},
    {"session", "the user's program, without its readdir"},
    {"readdir", "the first readdir of /proc in the session"},
    {"logout", "the program's last instruction until something is heard of the entry again"},
    {"close_before", "pam_close_session: the modules before the candidate"},
    {"close_candidate", "the candidate's pam_sm_close_session"},
    {"close_after", "pam_close_session: the modules after the candidate"},
    {"return", "from the last stack until the entry has returned"},
    {"late", "what is done for the login after the entry has returned"},
    {"teardown", "from the entry's return until the session's namespaces are gone"},
    {NULL, NULL},
};

struct instant {
	const char *what;
	json_int_t at, took;
	size_t order; /* in the timeline: of two at the same time, the first is first */
};

static int by_time(const void *a, const void *b)
{
	const struct instant *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Which phase lies between two instants that follow each other; "" is any. The first line that fits
 * decides. */
static const struct {
	const char *from, *to, *phase;
} gaps[] = {
    {"auth.begin", "auth.end", "auth"},
    {"account.begin", "account.end", "account"},
    {"setcred.begin", "setcred.end", "setcred"},
    {"open.begin", "open.before", "open_before"},
    {"open.before", "open.after", "open_candidate"},
    {"open.after", "open.end", "open_after"},
    {"close.begin", "close.before", "close_before"},
    {"close.before", "close.after", "close_candidate"},
    {"close.after", "close.end", "close_after"},
    {"readdir.begin", "readdir.end", "readdir"},
    {"", "first", "program"},
    {"exec", "", "start"},
    {"first", "", "session"},
    {"", "last", "session"},
    {"last", "", "logout"},
    {"", "return", "return"},
    {"", "", "application"},
};

static const char *phase_between(const struct instant *a, const struct instant *b, bool returned)
{
	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
		bool any = !*gaps[i].from || !*gaps[i].to;

		if ((*gaps[i].from && strcmp(gaps[i].from, a->what) != 0) ||
		    (*gaps[i].to && strcmp(gaps[i].to, b->what) != 0))
			continue;
		return returned && any ? "late" : gaps[i].phase;
	}
	return "application";
}

/* All but `gone`, in the order of time. */
static struct instant *sort_timeline(const json_t *timeline, size_t *n)
{
	struct instant *list = calloc(json_array_size(timeline) + 1, sizeof(*list));
	json_t *item;
	size_t i;

	if (!list)
		abort();
	*n = 0;
	json_array_foreach(timeline, i, item)
	{
		const char *what = json_string_value(json_array_get(item, 0));

		if (what && strcmp(what, "gone") != 0)
			list[(*n)++] = (struct instant){
			    .what = what,
			    .at = json_integer_value(json_array_get(item, 1)),
			    .took = json_integer_value(json_array_get(item, 2)),
			    .order = i,
			};
	}
	qsort(list, *n, sizeof(*list), by_time);
	return list;
}

static void add_to(json_t *phases, const char *name, json_int_t ns)
{
	json_int_t before = json_integer_value(json_object_get(phases, name));

	json_object_set_new(phases, name, json_integer(before + ns));
}

json_int_t bench_instant(const json_t *timeline, const char *what)
{
	json_t *item;
	size_t i;

	json_array_foreach(timeline, i, item)
	{
		const char *name = json_string_value(json_array_get(item, 0));

		if (name && !strcmp(name, what))
			return json_integer_value(json_array_get(item, 1));
	}
	return -1;
}

json_int_t bench_markers_ns(const json_t *timeline, json_int_t from, json_int_t to)
{
	json_int_t sum = 0;
	json_t *item;
	size_t i;

	json_array_foreach(timeline, i, item)
	{
		json_int_t at = json_integer_value(json_array_get(item, 1));

		if (at >= from && at < to)
			sum += json_integer_value(json_array_get(item, 2));
	}
	return sum;
}

json_t *bench_phases_of(const json_t *timeline)
{
	json_int_t gone = bench_instant(timeline, "gone"), end = bench_instant(timeline, "return");
	cleanup_free struct instant *list = NULL;
	bool returned = false;
	json_t *phases;
	size_t n;

	if (!json_array_size(timeline))
		return NULL;
	phases = json_object();
	list = sort_timeline(timeline, &n);
	for (size_t i = 0; i + 1 < n; i++) {
		const struct instant *a = &list[i], *b = &list[i + 1];

		returned |= !strcmp(a->what, "return");
		add_to(phases, phase_between(a, b, returned), b->at - a->at - a->took);
	}
	if (gone >= 0 && end >= 0)
		add_to(phases, "teardown", gone > end ? gone - end : 0);
	return phases;
}
