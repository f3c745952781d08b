#include "list_catalogue.h"

#include <jansson.h>
#include <stdio.h>

#include "catalogue.h"
#include "cleanup.h"
#include "paths.h"

static json_t *judges_of(const struct catalogue_row *row, struct scenario *const *scenarios,
                         size_t n)
{
	json_t *names = json_array();

	for (size_t i = 0; i < n; i++)
		if (catalogue_judged_by(scenarios[i], row->id))
			json_array_append_new(names, json_string(scenarios[i]->name));
	return names;
}

static void print_json(const struct catalogue *c, const struct catalogue_section *section,
                       const struct catalogue_row *row, json_t *judges)
{
	cleanup_json json_t *item = NULL;
	cleanup_free char *line = NULL;

	item = json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:s?, s:s, s:i}", "kind", "catalogue",
	                 "name", row->id, "section", section->title, "scope",
	                 scope_names[row->scope], "title", row->title, "scenarios", judges,
	                 "not_covered", row->not_covered, "file", c->path, "line", (int)row->line);
	line = item ? json_dumps(item, JSON_COMPACT) : NULL;
	if (line)
		puts(line);
}

static void print_text(const struct catalogue_row *row, const json_t *judges)
{
	json_t *name;
	size_t i;

	printf("  %-6s %-4s  %s\n", row->id, scope_names[row->scope], row->title);
	if (row->not_covered) {
		printf("               not covered: %s\n", row->not_covered);
		return;
	}
	json_array_foreach(judges, i, name)
	    printf("%s%s", i ? ", " : "               judged by ", json_string_value(name));
	puts("");
}

static void print_all(bool as_json, const struct catalogue *c, struct scenario *const *scenarios,
                      size_t n)
{
	unsigned rows = 0, covered = 0;

	for (unsigned s = 0; s < c->sections_count; s++) {
		const struct catalogue_section *section = &c->sections[s];

		if (!as_json)
			printf("%s: %s\n", section->id, section->title);
		for (unsigned r = 0; r < section->rows_count; r++) {
			const struct catalogue_row *row = &section->rows[r];
			cleanup_json json_t *judges = judges_of(row, scenarios, n);

			if (as_json)
				print_json(c, section, row, judges);
			else
				print_text(row, judges);
			rows++;
			covered += !row->not_covered;
		}
		if (!as_json)
			puts("");
	}
	if (!as_json)
		printf("%u rows: %u judged by scenarios, %u not covered\n", rows, covered,
		       rows - covered);
}

int list_catalogue(bool as_json, struct err **e)
{
	cleanup_free char *dir = path_home("scenarios");
	cleanup_free char *path = path_home("scenarios/catalogue.yaml");
	cleanup_catalogue struct catalogue *c = NULL;
	struct scenario **scenarios;
	size_t n;
	int rc;

	if (catalogue_load(path, &c, e) < 0 || scenarios_load_all(dir, &scenarios, &n, e) < 0)
		return -1;
	rc = catalogue_check(c, scenarios, n, e);
	if (rc == 0)
		print_all(as_json, c, scenarios, n);
	scenarios_free(scenarios, n);
	return rc;
}
