#include "case_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"

static json_t *text(const char *s)
{
	return s ? json_text(s, strlen(s)) : json_null();
}

static json_t *stage_json(const struct test_case *t)
{
	char *stage = stage_text(t->stage);
	json_t *value = *stage ? json_string(stage) : json_null();

	free(stage);
	return value;
}

/* The other scenarios that share the case's login. */
static json_t *others(const struct test_case *t)
{
	json_t *names = json_array();

	for (size_t i = 0; t->own && i < t->own->n_scenarios; i++)
		if (t->own->scenarios[i] != t->scenario)
			json_array_append_new(names, text(t->own->scenarios[i]->name));
	return names;
}

/* What the login cost, as far as it was seen. */
static json_t *cost_of(const struct run *r)
{
	static const char *const costs[] = {"enter_ns", "leave_ns", "total_ns"};
	json_t *cost = json_object();

	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		char name[64];
		json_t *v;

		snprintf(name, sizeof(name), "entry.%s", costs[i]);
		v = json_object_get(r->observations, name);
		if (json_is_integer(v))
			json_object_set(cost, costs[i], v);
	}
	return cost;
}

json_t *case_line(const struct lab *lab, const struct test_case *t, const struct judgement *j)
{
	const struct scenario *sc = t->scenario;
	const struct run *own = t->own ? &t->own->run : NULL;
	json_t *line = json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "type", "case", "id",
	                         text(t->id), "module", text(t->candidate->name), "entry", t->entry,
	                         "scenario", sc->name, "group", sc->group, "scope",
	                         scope_names[sc->scope], "verdict", verdict_names[j->verdict]);

	json_object_set_new(line, "known", json_boolean(j->known));
	json_object_set_new(line, "observed", text(j->observed));
	json_object_set_new(line, "expected", text(j->expected));
	json_object_set_new(line, "because", text(j->because));
	json_object_set_new(line, "reason", text(j->reason));
	json_object_set(line, "evidence", j->evidence ? j->evidence : json_array());
	json_object_set_new(line, "virtual_ns", json_integer(own ? own->virtual_ns : 0));
	json_object_set_new(line, "wall_ms", json_integer(own ? own->wall_ms : 0));
	json_object_set_new(line, "digest", own ? json_string(own->digest) : json_null());
	json_object_set_new(line, "stage", stage_json(t));
	json_object_set_new(line, "run", own ? text(own->id) : json_null());
	json_object_set_new(line, "with", others(t));
	json_object_set_new(line, "accel", json_string(accel_name(lab->accel)));
	json_object_set_new(line, "repeat", json_integer(t->repeat));
	json_object_set_new(line, "tries", json_integer(own ? own->tries : 0));
	json_object_set_new(line, "title", text(sc->title));
	json_object_set_new(line, "file", text(sc->path));
	json_object_set_new(line, "line", json_integer(j->line ? j->line : sc->line));
	if (own && own->observations)
		json_object_set_new(line, "cost", cost_of(own));
	return line;
}
