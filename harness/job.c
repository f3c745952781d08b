#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "step.h"

#define MS_NS     1000000LL
#define SECOND_NS 1000000000LL

/* Guest time for a job: for a login that hangs, for what is looked at before and after it, and for
 * each step. */
#define DEADLINE_NS      (60 * SECOND_NS)
#define STEP_DEADLINE_NS SECOND_NS

static json_t *texts(char *const *list, unsigned n)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

bool job_only_looks(const struct scenario *s)
{
	if (!s->session_count || s->logins.count != 1 || s->during_count || s->relogin)
		return false;
	for (unsigned i = 0; i < s->session_count; i++) {
		const struct step *step = step_parse(session_steps, s->session[i], NULL);

		if (!step || !(step->flags & STEP_SHARES) || step->argument)
			return false;
	}
	return true;
}

/* Everything of the job that is the scenario's: what two of them must have in common. */
static json_t *terms(const struct scenario *s)
{
	return json_pack(
	    "{s:o, s:I, s:i, s:I, s:b, s:b}", "during", texts(s->during, s->during_count),
	    "settle_ns", (json_int_t)(s->settle_ms * MS_NS), "logins",
	    s->logins.count ? (int)s->logins.count : 1, "phase_ns", (json_int_t)s->logins.phase_ns,
	    "relogin", s->relogin, "no_program", s->session_count == 0);
}

char *job_share_key(const struct scenario *s)
{
	cleanup_json json_t *key = terms(s);

	json_object_set_new(key, "steps",
	                    job_only_looks(s) ? json_string("looks")
	                                      : texts(s->session, s->session_count));
	return json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
}

static void add_name(json_t *names, const char *name)
{
	size_t i;
	json_t *known;

	json_array_foreach(names, i, known) if (!strcmp(json_string_value(known), name)) return;
	json_array_append_new(names, json_string(name));
}

static void add_names(json_t *names, const struct expectation *x, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		add_name(names, x[i].that);
		if (x[i].matcher == MATCH_SAME_AS || x[i].matcher == MATCH_DIFFERS_FROM)
			add_name(names, json_string_value(x[i].value));
	}
}

static void add_observed(json_t *names, const struct scenario *s)
{
	add_names(names, s->expect, s->expect_count);
	add_names(names, s->controls.outside, s->controls.outside_count);
	add_names(names, s->controls.without_module, s->controls.without_module_count);
}

json_t *job_observed(const struct scenario *s)
{
	json_t *names = json_array();

	add_observed(names, s);
	return names;
}

static bool any_has(const struct scenario *const *list, size_t n, const char *step)
{
	for (size_t i = 0; i < n; i++)
		if (scenario_has_step(list[i], step))
			return true;
	return false;
}

/* The steps of all, each once, in the order of the table; the session holds at its end. */
static json_t *union_of_steps(const struct scenario *const *list, size_t n)
{
	json_t *steps = json_array();

	for (const struct step *s = session_steps; s->name; s++)
		if (strcmp(s->name, "hold") != 0 && any_has(list, n, s->name))
			json_array_append_new(steps, json_string(s->name));
	if (any_has(list, n, "hold"))
		json_array_append_new(steps, json_string("hold"));
	return steps;
}

json_t *job_make(const struct scenario *const *list, size_t n, const char *id, const char *entry,
                 int64_t offset_ns)
{
	json_t *job = terms(list[0]), *names = json_array(), *steps;
	json_int_t patience = entry_find(entry)->patience * SECOND_NS;

	/* A scenario that is alone goes its own way, in its own order. */
	if (n > 1 && job_only_looks(list[0]))
		steps = union_of_steps(list, n);
	else
		steps = texts(list[0]->session, list[0]->session_count);
	/* The agent makes no other observation of the host, because each costs a login's worth of
	 * emulated instructions. */
	for (size_t i = 0; i < n; i++)
		add_observed(names, list[i]);
	json_object_set_new(job, "id", json_string(id));
	json_object_set_new(job, "job", json_string("case"));
	json_object_set_new(job, "entry", json_string(entry));
	json_object_set_new(job, "user", json_string("alice"));
	json_object_set_new(job, "offset_ns", json_integer(offset_ns));
	json_object_set_new(job, "patience_ns", json_integer(patience));
	json_object_set_new(job, "deadline_ns",
	                    json_integer(DEADLINE_NS + patience +
	                                 (json_int_t)json_array_size(steps) * STEP_DEADLINE_NS));
	json_object_set_new(job, "steps", steps);
	json_object_set_new(job, "observe", names);
	return job;
}
