/* What can be known exactly: logins in clones of the same template, under the counting clock. Each
 * is run three times without markers, for its cost, and three times with markers, for its phases;
 * and once for each size of a host that is filled before. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_phases.h"
#include "campaign.h"
#include "cleanup.h"
#include "runner.h"
#include "text.h"

#define GUEST_WALL_S 400
#define SETTLE_NS    300000000
#define DEADLINE_NS  400000000000LL

static const struct axis {
	const char *name;
	unsigned sizes[4]; /* 0 ends them */
	unsigned others;   /* a size counts so many that are not added: the login itself */
} axes[] = {
    {"processes", {10, 100, 1000}, 0},
    {"mounts", {10, 100, 1000, 5000}, 0},
    {"sessions", {1, 8, 64}, 1},
};
#define AXES (sizeof(axes) / sizeof(*axes))

/* One guest: a run and what it is of. */
struct bench_run {
	struct run run;
	struct bench *b;
	const struct bench_module *module;
	const char *entry;
	bool marked;
	unsigned number;         /* of the three */
	const struct axis *axis; /* NULL: a plain login */
	unsigned size;
};

struct list {
	struct bench_run **of;
	size_t n;
};

static json_t *make_job(const struct bench_run *r)
{
	json_t *job = json_pack("{s:s, s:s, s:s, s:[s, s], s:i, s:i, s:b, s:I}", "id", r->run.id,
	                        "job", "bench", "entry", r->entry, "steps", "readdir", "exit 0",
	                        "logins", 1, "settle_ns", SETTLE_NS, "gone", r->marked,
	                        "deadline_ns", (json_int_t)DEADLINE_NS);

	bench_add_patience(job, r->entry);
	if (r->marked)
		json_object_set(job, "files", r->module->marked);
	if (r->axis)
		json_object_set_new(
		    job, "populate",
		    json_pack("{s:i}", r->axis->name, (int)(r->size - r->axis->others)));
	return job;
}

static struct bench_run *add_run(struct bench *b, struct list *list, struct bench_module *m,
                                 const char *entry, bool marked)
{
	struct bench_run *r = calloc(1, sizeof(*r));

	list->of = realloc(list->of, (list->n + 1) * sizeof(*list->of));
	if (!r || !list->of)
		abort();
	list->of[list->n++] = r;
	*r = (struct bench_run){.b = b, .module = m, .entry = entry, .marked = marked};
	r->run.stage = &m->stage;
	r->run.owner = r;
	return r;
}

static void add_logins(struct bench *b, struct list *list, struct bench_module *m)
{
	for (const char *const *entry = b->entries; *entry; entry++)
		for (unsigned i = 0; i < 2 * BENCH_RUNS; i++) {
			struct bench_run *r = add_run(b, list, m, *entry, i >= BENCH_RUNS);

			r->number = i % BENCH_RUNS;
			r->run.id =
			    case_id(&b->lab, m->candidate.name, *entry, BENCH_SCENARIO, 0, 0);
			r->run.job = make_job(r);
		}
}

/* Through the first of the entries. */
static void add_growth(struct bench *b, struct list *list, struct bench_module *m)
{
	for (const struct axis *a = axes; a < axes + AXES; a++)
		for (size_t i = 0; i < sizeof(a->sizes) / sizeof(*a->sizes) && a->sizes[i]; i++) {
			struct bench_run *r = add_run(b, list, m, b->entries[0], true);
			cleanup_free char *name =
			    text_format(BENCH_SCENARIO "-%s-%u", a->name, a->sizes[i]);

			r->axis = a;
			r->size = a->sizes[i];
			r->run.id = case_id(&b->lab, m->candidate.name, r->entry, name, 0, 0);
			r->run.job = make_job(r);
			if (b->o->quick)
				break; /* the smallest shows that it works */
		}
}

static void forward_event(struct run *run, json_t *event, void *arg)
{
	struct bench *b = arg;

	if (!b->log_error)
		eventlog_event(b->log, run->id, event, &b->log_error);
}

static json_int_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* Between two instants, less what markers took there. Nothing if one of the two is not known. */
static void put_span(json_t *cost, const char *name, const json_t *timeline, const char *from,
                     const char *to)
{
	json_int_t a = bench_instant(timeline, from), b = bench_instant(timeline, to);

	if (a >= 0 && b >= 0)
		json_object_set_new(cost, name,
		                    json_integer(b - a - bench_markers_ns(timeline, a, b)));
}

json_t *bench_cost(const json_t *login, bool marked)
{
	const json_t *timeline = json_object_get(login, "timeline");
	json_t *cost = json_object(), *idle = json_object_get(login, "idle_ns"), *phases;
	json_int_t window = integer(login, "window_ns");

	put_span(cost, "enter_ns", timeline, "exec", "first");
	put_span(cost, "leave_ns", timeline, "last", "return");
	put_span(cost, "total_ns", timeline, "exec", "return");
	json_object_set_new(cost, "window_ns", json_integer(window));
	if (idle) {
		json_object_set(cost, "idle_ns", idle);
		json_object_set_new(cost, "busy_ns",
		                    json_integer(window - json_integer_value(idle)));
	}
	if (!marked)
		return cost;
	phases = bench_phases_of(timeline);
	json_object_set_new(cost, "phases", phases ? phases : json_object());
	json_object_set_new(
	    cost, "markers_ns",
	    json_integer(bench_markers_ns(timeline, 0, bench_instant(timeline, "return"))));
	return cost;
}

static void log_run(struct run *run, void *arg)
{
	struct bench_run *r = run->owner;
	struct bench *b = arg;
	const json_t *login = json_object_get(run->observations, "bench.login");
	json_t *line = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:s, s:I, s:I}", "type", "bench", "kind",
	    r->axis ? "growth" : "login", "id", run->id, "module", r->module->candidate.name,
	    "entry", r->entry, "marked", r->marked, "run", (int)r->number, "digest", run->digest,
	    "virtual_ns", (json_int_t)run->virtual_ns, "wall_ms", (json_int_t)run->wall_ms);
	json_t *why = run->why ? json_string(run->why) : json_null();

	json_object_set_new(line, "why", why ? why : json_null());
	json_object_set_new(line, "finished",
	                    json_boolean(json_is_true(json_object_get(login, "finished"))));
	json_object_set_new(line, "status",
	                    json_incref(json_object_get(login, "status") ?: json_null()));
	if (login)
		json_object_set_new(line, "cost", bench_cost(login, r->marked));
	if (r->axis) {
		json_object_set_new(line, "axis", json_string(r->axis->name));
		json_object_set_new(line, "size", json_integer(r->size));
		json_object_set(line, "populated",
		                json_object_get(run->observations, "bench.populated"));
	}
	bench_log(b, line);
	if (run->end == GUEST_LAB)
		b->lab_failures++;
	bench_progress(b, ++b->done, b->planned, "logins");
}

int bench_exact(struct bench *b, struct err **e)
{
	struct list list = {0};
	cleanup_free struct run **runs = NULL;
	unsigned parts = b->o->parts;
	int status;

	for (size_t i = 0; i < b->n_modules; i++) {
		if (parts & BENCH_EXACT)
			add_logins(b, &list, &b->modules[i]);
		if (parts & BENCH_GROWTH)
			add_growth(b, &list, &b->modules[i]);
	}
	runs = calloc(list.n + 1, sizeof(*runs));
	if (!runs)
		abort();
	for (size_t i = 0; i < list.n; i++)
		runs[i] = &list.of[i]->run;
	struct runner runner = {
	    .runs = runs,
	    .n = list.n,
	    .slots = (int)b->o->subject.slots,
	    .wall_s = GUEST_WALL_S,
	    .on_event = forward_event,
	    .on_end = log_run,
	    .arg = b,
	};
	b->done = 0;
	b->planned = list.n;
	status = runner_run(&runner, e);
	for (size_t i = 0; i < list.n; i++) {
		run_free(runs[i]);
		free(list.of[i]);
	}
	free(list.of);
	return status;
}
