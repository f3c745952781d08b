#include "mutants.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "suggest.h"
#include "yaml_doc.h"

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

static bool is(const json_t *line, const char *key, const char *text)
{
	return !strcmp(text_of(line, key), text);
}

/* --- what is run ---------------------------------------------------------------------------------
 */

const char *mutants_entry(const struct scenario *s)
{
	for (const struct entry *en = entries; en->name; en++)
		if (!(en->flags & ENTRY_PSEUDO) && scenario_has_entry(s, en->name) &&
		    (s->entries_count || !(en->flags & ENTRY_NAMED)))
			return en->name;
	return "su";
}

/* The fixture of that name in case ids; NULL for a module that is right. */
static const struct fixture *find_fixture(const struct mutants *m, const char *module)
{
	size_t len = strlen(FIXTURE_PREFIX);

	if (strncmp(module, FIXTURE_PREFIX, len) != 0 || !strcmp(module + len, FIXTURE_BASE))
		return NULL;
	for (size_t i = 0; i < m->n_fixtures; i++)
		if (!strcmp(m->fixtures[i]->name, module + len))
			return m->fixtures[i];
	return NULL;
}

static const char *entry_of(const struct catcher *c, const struct scenario *s)
{
	return c->entry ? c->entry : mutants_entry(s);
}

static bool names(const struct fixture *f, const struct scenario *s, const char *entry)
{
	for (unsigned i = 0; i < f->caught_by_count; i++)
		if (!strcmp(f->catchers[i].scenario, s->name) &&
		    !strcmp(entry_of(&f->catchers[i], s), entry))
			return true;
	return false;
}

bool mutants_wants(const struct mutants *m, const char *module, const struct scenario *s,
                   const char *entry)
{
	const struct fixture *f = find_fixture(m, module);
	bool named = f && names(f, s, entry);

	for (size_t i = 0; !f && !named && i < m->n_fixtures; i++)
		named = names(m->fixtures[i], s, entry);
	return named || (!m->named_only && !strcmp(entry, mutants_entry(s)));
}

/* --- what came of it -----------------------------------------------------------------------------
 */

bool mutants_tripped(const json_t *line)
{
	return is(line, "verdict", "fail") || is(line, "verdict", "warn");
}

/* By what it expects itself. A session that never ran fails everything, and its line is the
 * scenario's, not an expectation's. */
static bool bit(const json_t *line, const struct scenario *s)
{
	return mutants_tripped(line) &&
	       json_integer_value(json_object_get(line, "line")) != (json_int_t)s->line;
}

static bool is_undecided(const json_t *line)
{
	return is(line, "verdict", "inconclusive") || is(line, "verdict", "error");
}

static void add(json_t *list, json_t *text)
{
	size_t i;
	json_t *known;

	json_array_foreach(list, i, known)
	{
		if (json_equal(known, text)) {
			json_decref(text);
			return;
		}
	}
	json_array_append_new(list, text);
}

/* A fixture is caught if one of the cases of the scenario and entry trips: some run under several
 * schedules. */
static void judge_catcher(const struct fixture *f, const struct catcher *c, const json_t *cases,
                          struct mutants_result *out)
{
	const json_t *seen = NULL, *line;
	size_t i;

	json_array_foreach(cases, i, line)
	{
		const char *module = text_of(line, "module");

		if (strncmp(module, FIXTURE_PREFIX, strlen(FIXTURE_PREFIX)) != 0 ||
		    strcmp(module + strlen(FIXTURE_PREFIX), f->name) != 0 ||
		    !is(line, "scenario", c->scenario) ||
		    (c->entry && !is(line, "entry", c->entry)))
			continue;
		if (mutants_tripped(line))
			return;
		seen = line;
	}
	if (seen && is_undecided(seen))
		add(out->undecided, json_string(text_of(seen, "id")));
	else if (seen || strcmp(f->name, FIXTURE_BASE) != 0)
		add(out->uncaught,
		    json_sprintf("%s: %s%s%s %s%s", f->name, c->scenario, c->entry ? "@" : "",
		                 c->entry ? c->entry : "", seen ? "says " : "was not run",
		                 seen ? text_of(seen, "verdict") : ""));
}

static bool was_run(const struct fixture *f, const json_t *cases)
{
	const json_t *line;
	size_t i;

	json_array_foreach(cases, i, line)
	{
		const char *module = text_of(line, "module");

		if (!strncmp(module, FIXTURE_PREFIX, strlen(FIXTURE_PREFIX)) &&
		    !strcmp(module + strlen(FIXTURE_PREFIX), f->name))
			return true;
	}
	return false;
}

/* The base keeps no mask that it names: it is small. */
static bool is_foreseen(const struct mutants *m, const json_t *line)
{
	if (!is(line, "module", FIXTURE_PREFIX FIXTURE_BASE) || !is(line, "scope", "mask"))
		return false;
	for (size_t i = 0; i < m->n_fixtures; i++)
		for (unsigned c = 0; c < m->fixtures[i]->caught_by_count; c++)
			if (!strcmp(m->fixtures[i]->name, FIXTURE_BASE) &&
			    is(line, "scenario", m->fixtures[i]->catchers[c].scenario))
				return true;
	return false;
}

static void judge_right_modules(const struct mutants *m, const json_t *cases,
                                struct mutants_result *out)
{
	const json_t *line;
	size_t i;

	json_array_foreach(cases, i, line)
	{
		if (find_fixture(m, text_of(line, "module")))
			continue;
		if (mutants_tripped(line) && !is_foreseen(m, line))
			add(out->false_alarms, json_string(text_of(line, "id")));
		else if (is_undecided(line))
			add(out->undecided, json_string(text_of(line, "id")));
	}
}

static bool trips(const struct mutants *m, const struct scenario *s, const json_t *cases)
{
	const json_t *line;
	size_t i;

	json_array_foreach(cases, i,
	                   line) if (is(line, "scenario", s->name) && bit(line, s) &&
	                             find_fixture(m, text_of(line, "module"))) return true;
	return false;
}

static bool is_unbreakable(const struct mutants *m, const char *scenario)
{
	for (size_t i = 0; i < m->n_unbreakable; i++)
		if (!strcmp(m->unbreakable[i].scenario, scenario))
			return true;
	return false;
}

static void judge_scenarios(const struct mutants *m, const json_t *cases, bool whole,
                            struct mutants_result *out)
{
	for (size_t i = 0; i < m->n_scenarios; i++) {
		const struct scenario *s = m->scenarios[i];
		bool excused = is_unbreakable(m, s->name), tripped;

		if (s->scope == SCOPE_INFO)
			continue;
		tripped = trips(m, s, cases);
		if (tripped && excused)
			add(out->outdated, json_string(s->name));
		else if (!tripped && !excused && whole)
			add(out->holes, json_string(s->name));
	}
}

json_t *mutants_skipped(const struct mutants *m, const json_t *cases)
{
	json_t *names = json_array(), *line;
	size_t i;

	for (size_t s = 0; s < m->n_scenarios; s++) {
		const struct scenario *sc = m->scenarios[s];
		bool seen = false, skipped = true;

		json_array_foreach(cases, i, line)
		{
			if (!is(line, "scenario", sc->name))
				continue;
			seen = true;
			skipped &= is(line, "verdict", "skip");
		}
		if (seen && skipped && sc->scope != SCOPE_INFO)
			json_array_append_new(names, json_string(sc->name));
	}
	return names;
}

int mutants_check_names(const struct mutants *m, struct err **e)
{
	cleanup_free const char **names = calloc(m->n_scenarios + 1, sizeof(*names));

	if (!names)
		abort();
	for (size_t i = 0; i < m->n_scenarios; i++)
		names[i] = m->scenarios[i]->name;
	for (size_t f = 0; f < m->n_fixtures; f++)
		for (unsigned c = 0; c < m->fixtures[f]->caught_by_count; c++) {
			const char *name = m->fixtures[f]->catchers[c].scenario;
			const char *near;
			size_t i = 0;

			while (i < m->n_scenarios && strcmp(names[i], name) != 0)
				i++;
			if (i < m->n_scenarios)
				continue;
			near = suggest(name, names);
			return err_usage(e, "%s: there is no scenario '%s'%s%s%s",
			                 m->fixtures[f]->path, name, near ? "; did you mean '" : "",
			                 near ? near : "", near ? "'?" : "");
		}
	return 0;
}

void mutants_judge(const struct mutants *m, const json_t *cases, bool whole,
                   struct mutants_result *out)
{
	*out = (struct mutants_result){json_array(), json_array(), json_array(), json_array(),
	                               json_array()};
	for (size_t i = 0; i < m->n_fixtures; i++)
		for (unsigned c = 0; c < m->fixtures[i]->caught_by_count; c++)
			if (whole || was_run(m->fixtures[i], cases))
				judge_catcher(m->fixtures[i], &m->fixtures[i]->catchers[c], cases,
				              out);
	judge_right_modules(m, cases, out);
	judge_scenarios(m, cases, whole, out);
}

void mutants_result_clear(struct mutants_result *r)
{
	json_decref(r->uncaught);
	json_decref(r->false_alarms);
	json_decref(r->holes);
	json_decref(r->outdated);
	json_decref(r->undecided);
	*r = (struct mutants_result){0};
}

enum exit_status mutants_exit(const struct mutants_result *r)
{
	if (json_array_size(r->uncaught) || json_array_size(r->false_alarms) ||
	    json_array_size(r->holes) || json_array_size(r->outdated))
		return EXIT_BROKEN;
	return json_array_size(r->undecided) ? EXIT_LAB : EXIT_HOLDS;
}

/* --- what no module can break --------------------------------------------------------------------
 */

struct unbreakable_file {
	unsigned version;
	struct unbreakable *list;
	unsigned list_count;
};

#define TEXT(key, member)                                                                          \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct unbreakable, member, 1,             \
	                       CYAML_UNLIMITED)

static const cyaml_schema_field_t item_fields[] = {
    TEXT("scenario", scenario),
    TEXT("reason", reason),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t item_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct unbreakable, item_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct unbreakable_file, version),
    CYAML_FIELD_SEQUENCE("unbreakable", CYAML_FLAG_POINTER, struct unbreakable_file, list,
                         &item_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct unbreakable_file, file_fields)};

int unbreakable_load(const char *path, struct unbreakable **list, size_t *n, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);
	struct unbreakable_file *f;
	void *data = NULL;
	int status = 0;

	*list = NULL;
	*n = 0;
	if (!doc || yaml_doc_fill(doc, &file_schema, &data, e) < 0)
		return -1;
	f = data;
	if (f->version != 1)
		status = yaml_fail(doc, yaml_get(doc, yaml_root(doc), "version"), e,
		                   "`version: 1` expected");
	*list = calloc(f->list_count + 1, sizeof(**list));
	if (!*list)
		abort();
	for (; status == 0 && *n < f->list_count; (*n)++)
		(*list)[*n] =
		    (struct unbreakable){strdup(f->list[*n].scenario), strdup(f->list[*n].reason)};
	yaml_doc_release(&file_schema, f);
	return status;
}

void unbreakable_free(struct unbreakable *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].scenario);
		free(list[i].reason);
	}
	free(list);
}
