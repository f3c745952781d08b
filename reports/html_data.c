/* The cases as JSON: arrays, and every text once. With thousands of cases most texts are said again
 * and again. */
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "html.h"
#include "mark.h"
#include "printable.h"
#include "reporter.h"

struct writer {
	json_t *texts;     /* array */
	json_t *places;    /* text -> its place in that array */
	json_t *scenarios; /* array */
	json_t *known;     /* name -> its place in that array */
};

/* The text's place; of none, 0, which is "". */
static json_t *place_of(struct writer *w, const char *text)
{
	json_t *place;

	if (!text || !*text)
		return json_integer(0);
	place = json_object_get(w->places, text);
	if (place)
		return json_incref(place);
	place = json_integer((json_int_t)json_array_size(w->texts));
	json_array_append_new(w->texts, json_string(text));
	json_object_set(w->places, text, place);
	return place;
}

static json_t *text_place(struct writer *w, const json_t *obj, const char *key)
{
	cleanup_free char *text = case_text(obj, key);

	return place_of(w, text);
}

static json_t *evidence_of(struct writer *w, const json_t *obj)
{
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach(json_object_get(obj, "evidence"), i, item)
	{
		const json_t *holds = json_object_get(item, "holds");
		json_int_t line = json_integer_value(json_object_get(item, "line"));

		json_array_append_new(list,
		                      json_pack("[o, o, o, i, I, o]", text_place(w, item, "that"),
		                                text_place(w, item, "observed"),
		                                text_place(w, item, "expected"),
		                                json_is_true(holds)    ? 1
		                                : json_is_false(holds) ? 0
		                                                       : -1,
		                                line, text_place(w, item, "control")));
	}
	return list;
}

static json_t *list_places(struct writer *w, const json_t *list)
{
	json_t *places = json_array(), *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		cleanup_free char *text = printable_json(item, NULL);

		json_array_append_new(places, place_of(w, text));
	}
	return places;
}

/* name, title, why, group, scope, promises, sources */
static json_t *scenario_of(struct writer *w, const json_t *said, const json_t *obj)
{
	const json_t *from = said ? said : obj;

	return json_pack("[o, o, o, o, o, o, o]", text_place(w, obj, "scenario"),
	                 text_place(w, from, "title"), text_place(w, said, "why"),
	                 text_place(w, from, "group"), text_place(w, from, "scope"),
	                 list_places(w, json_object_get(said, "promises")),
	                 list_places(w, json_object_get(said, "sources")));
}

static json_t *scenario_place(struct writer *w, const json_t *run, const json_t *obj)
{
	const char *name = text_of(obj, "scenario");
	json_t *place = json_object_get(w->known, name);

	if (place)
		return json_incref(place);
	place = json_integer((json_int_t)json_array_size(w->scenarios));
	json_array_append_new(w->scenarios, scenario_of(w, run_scenario(run, name), obj));
	json_object_set(w->known, name, place);
	return place;
}

/* Costs of a login that scenarios share depend on which these are: they compare with nothing. */
static json_t *cost_of(const json_t *obj)
{
	static const char *const keys[] = {"enter_ns", "leave_ns", "total_ns"};
	const json_t *cost = json_object_get(obj, "cost");
	json_t *list;

	if (!json_object_size(cost) || json_array_size(json_object_get(obj, "with")))
		return json_integer(0);
	list = json_array();
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_t *value = json_object_get(cost, keys[i]);

		json_array_append_new(list,
		                      json_is_integer(value) ? json_incref(value) : json_null());
	}
	return list;
}

/* module, entry, scenario, mark, id, variant, cost, reason; and of what is looked at: observed,
 * expected, because, place, command, digest, virtual ns, evidence. */
static json_t *case_of(struct writer *w, const json_t *run, const json_t *obj)
{
	enum mark_id mark = mark_of(obj);
	cleanup_free char *variant = case_variant(obj), *place = case_relative_place(obj);
	cleanup_free char *repro = case_repro(obj);
	json_t *list = json_pack("[o, o, o, i, o, o, o, o]", text_place(w, obj, "module"),
	                         text_place(w, obj, "entry"), scenario_place(w, run, obj), mark,
	                         text_place(w, obj, "id"), place_of(w, variant), cost_of(obj),
	                         text_place(w, obj, "reason"));

	if (mark == MARK_PASS || mark == MARK_SKIP)
		return list;
	json_array_append_new(list, text_place(w, obj, "observed"));
	json_array_append_new(list, text_place(w, obj, "expected"));
	json_array_append_new(list, text_place(w, obj, "because"));
	json_array_append_new(list, place_of(w, place));
	json_array_append_new(list, place_of(w, repro));
	json_array_append_new(list, text_place(w, obj, "digest"));
	json_array_append_new(list,
	                      json_integer(json_integer_value(json_object_get(obj, "virtual_ns"))));
	json_array_append_new(list, evidence_of(w, obj));
	return list;
}

static json_t *marks_of(void)
{
	json_t *list = json_array();

	for (int m = 0; m < MARK_COUNT; m++)
		json_array_append_new(list, json_pack("[s, s]", marks[m].name,
		                                      marks[m].meaning ? marks[m].meaning : ""));
	return list;
}

/* In a script element only "<" can end it, or begin what looks like a comment. */
static void put_script_json(FILE *out, const json_t *value)
{
	cleanup_free char *text = json_dumps(value, JSON_COMPACT);

	if (!text)
		abort();
	for (const char *from = text; *from; from++)
		if (*from == '<')
			fputs("\\u003c", out);
		else
			fputc(*from, out);
}

void html_data(FILE *out, const struct collection *c)
{
	struct writer w = {json_pack("[s]", ""), json_object(), json_array(), json_object()};
	cleanup_json json_t *entries = collect_entries(c->cases), *data = NULL;
	json_t *cases = json_array(), *columns, *obj;
	size_t i;

	columns = list_places(&w, entries);
	json_array_foreach(c->cases, i, obj) json_array_append_new(cases, case_of(&w, c->run, obj));
	data = json_pack("{s:o, s:o, s:o, s:o, s:o}", "entries", columns, "marks", marks_of(),
	                 "scenarios", w.scenarios, "cases", cases, "texts", w.texts);
	json_decref(w.places);
	json_decref(w.known);
	put_script_json(out, data);
}
