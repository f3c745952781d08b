#include "collect.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "printable.h"

void collection_init(struct collection *c)
{
	*c = (struct collection){.cases = json_array()};
}

void collection_begin(struct collection *c, const json_t *run)
{
	json_decref(c->run);
	c->run = json_incref((json_t *)run);
}

void collection_add(struct collection *c, const json_t *obj)
{
	if (json_array_append(c->cases, (json_t *)obj) < 0)
		abort();
}

void collection_free(struct collection *c)
{
	json_decref(c->run);
	json_decref(c->cases);
	*c = (struct collection){0};
}

const char *text_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

static size_t entry_rank(const char *name)
{
	size_t i = 0;

	while (entries[i].name && strcmp(entries[i].name, name) != 0)
		i++;
	return i;
}

static int compare_entries(const char *a, const char *b)
{
	size_t ra = entry_rank(a), rb = entry_rank(b);

	return ra != rb ? (ra < rb ? -1 : 1) : strcmp(a, b);
}

/* IMAGE+KERNEL of a case id, and its length. */
static const char *environment_of(const json_t *obj, size_t *len)
{
	const char *id = text_of(obj, "id"), *end = strrchr(id, '#'), *at = end;

	while (at && at > id && *at != '@')
		at--;
	*len = at ? end - at : 0;
	return at ? at : "";
}

static int compare_environments(const json_t *a, const json_t *b)
{
	size_t na, nb;
	const char *ea = environment_of(a, &na), *eb = environment_of(b, &nb);
	int order = strncmp(ea, eb, na < nb ? na : nb);

	return order ? order : (na > nb) - (na < nb);
}

int compare_by(const json_t *a, const json_t *b, const char *key)
{
	if (!strcmp(key, "environment"))
		return compare_environments(a, b);
	if (!strcmp(key, "entry"))
		return compare_entries(text_of(a, key), text_of(b, key));
	return strcmp(text_of(a, key), text_of(b, key));
}

static int compare_names(const void *a, const void *b)
{
	return compare_entries(*(const char *const *)a, *(const char *const *)b);
}

json_t *collect_entries(const json_t *cases)
{
	size_t n = 0, i;
	cleanup_free const char **names = calloc(json_array_size(cases) + 1, sizeof(*names));
	json_t *found = json_array(), *obj;

	if (!names)
		abort();
	json_array_foreach(cases, i, obj) names[n++] = text_of(obj, "entry");
	qsort(names, n, sizeof(*names), compare_names);
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			json_array_append_new(found, json_string(names[i]));
	return found;
}

struct row {
	json_t *obj; /* borrowed */
	size_t number;
};

static int compare_rows(const void *pa, const void *pb, void *keys)
{
	const struct row *a = pa, *b = pb;
	int order = 0;

	for (const char *const *key = keys; !order && *key; key++)
		order = compare_by(a->obj, b->obj, *key);
	return order ? order : (a->number < b->number ? -1 : 1);
}

void collection_sort(struct collection *c, const char *const *keys)
{
	size_t n = json_array_size(c->cases);
	cleanup_free struct row *rows = calloc(n + 1, sizeof(*rows));
	json_t *sorted = json_array();

	if (!rows)
		abort();
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct row){json_array_get(c->cases, i), i};
	qsort_r(rows, n, sizeof(*rows), compare_rows, (void *)keys);
	for (size_t i = 0; i < n; i++)
		if (json_array_append(sorted, rows[i].obj) < 0)
			abort();
	json_decref(c->cases);
	c->cases = sorted;
}

json_t *report_notes(const json_t *run, size_t n_cases, const json_t *summary)
{
	json_int_t planned = json_integer_value(json_object_get(run, "cases"));
	json_t *notes = json_array(), *note;
	size_t i;

	json_array_foreach(json_object_get(summary, "notes"), i, note)
	{
		cleanup_free char *shown = printable_json(note, NULL);

		json_array_append_new(notes, json_string(shown));
	}
	if (json_is_true(json_object_get(summary, "interrupted")))
		json_array_append_new(notes, json_string("the run was interrupted by a signal"));
	if (planned > 0 && (json_int_t)n_cases < planned)
		json_array_append_new(notes, json_sprintf("%lld of %lld cases were not run",
		                                          (long long)planned - (long long)n_cases,
		                                          (long long)planned));
	return notes;
}

static const json_t *named(const json_t *list, const char *name)
{
	json_t *obj;
	size_t i;

	json_array_foreach((json_t *)list, i,
	                   obj) if (!strcmp(text_of(obj, "name"), name)) return obj;
	return NULL;
}

const json_t *run_module(const json_t *run, const char *name)
{
	return named(json_object_get(run, "modules"), name);
}

const json_t *run_scenario(const json_t *run, const char *name)
{
	return named(json_object_get(run, "scenarios"), name);
}
