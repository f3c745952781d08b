#include "catalogue.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "yaml_doc.h"

#define TEXT(key, flags, type, member)                                                             \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, CYAML_UNLIMITED)
#define LIST(key, type, member, entry)                                                             \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER, type, member, entry, 1, CYAML_UNLIMITED)

static const cyaml_schema_field_t row_fields[] = {
    TEXT("id", CYAML_FLAG_DEFAULT, struct catalogue_row, id),
    TEXT("scope", CYAML_FLAG_DEFAULT, struct catalogue_row, scope_name),
    TEXT("title", CYAML_FLAG_DEFAULT, struct catalogue_row, title),
    TEXT("not-covered", CYAML_FLAG_OPTIONAL, struct catalogue_row, not_covered),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct catalogue_row, row_fields)};

static const cyaml_schema_field_t section_fields[] = {
    TEXT("id", CYAML_FLAG_DEFAULT, struct catalogue_section, id),
    TEXT("title", CYAML_FLAG_DEFAULT, struct catalogue_section, title),
    LIST("rows", struct catalogue_section, rows, &row_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t section_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct catalogue_section, section_fields)};

static const cyaml_schema_field_t catalogue_fields[] = {
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct catalogue, version),
    LIST("sections", struct catalogue, sections, &section_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t catalogue_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct catalogue, catalogue_fields)};

/* The rows of A1 are A1.1, A1.2 ..., those of B are B1, B2 ...; a section that is one row has its
 * id.
 */
static bool belongs(const char *section, const char *id)
{
	size_t n = strlen(section);
	bool numbered = isdigit((unsigned char)section[n - 1]);

	if (strncmp(id, section, n) != 0)
		return false;
	if (!id[n])
		return true;
	if (numbered && id[n++] != '.')
		return false;
	return id[n] && !id[n + strspn(id + n, "0123456789")];
}

static const struct catalogue_row *find_row(const struct catalogue *c, const char *id)
{
	for (unsigned s = 0; s < c->sections_count; s++)
		for (unsigned r = 0; r < c->sections[s].rows_count; r++)
			if (!strcmp(c->sections[s].rows[r].id, id))
				return &c->sections[s].rows[r];
	return NULL;
}

static int check_row(const struct yaml_doc *doc, const struct catalogue *c,
                     const struct catalogue_section *section, const yaml_node_t *node,
                     struct catalogue_row *row, struct err **e)
{
	const struct catalogue_row *first = find_row(c, row->id);

	row->line = yaml_line(node);
	if (!belongs(section->id, row->id))
		return yaml_fail(doc, yaml_get(doc, node, "id"), e,
		                 "'%s' is no row of the section '%s'", row->id, section->id);
	if (first != row)
		return yaml_fail(doc, yaml_get(doc, node, "id"), e,
		                 "the row '%s' is there already, in line %u", row->id, first->line);
	for (int s = 0; s < SCOPES; s++)
		if (!strcmp(row->scope_name, scope_names[s])) {
			row->scope = s;
			return 0;
		}
	return yaml_fail(doc, yaml_get(doc, node, "scope"), e,
	                 "unknown scope '%s'; expected one of: must, mask, info", row->scope_name);
}

static int check_rows(const struct yaml_doc *doc, struct catalogue *c, struct err **e)
{
	const yaml_node_t *sections = yaml_get(doc, yaml_root(doc), "sections");

	for (unsigned s = 0; s < c->sections_count; s++) {
		struct catalogue_section *section = &c->sections[s];
		const yaml_node_t *rows = yaml_get(doc, yaml_item(doc, sections, s), "rows");

		for (unsigned r = 0; r < section->rows_count; r++)
			if (check_row(doc, c, section, yaml_item(doc, rows, r), &section->rows[r],
			              e) < 0)
				return -1;
	}
	return 0;
}

int catalogue_load(const char *path, struct catalogue **out, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);
	cleanup_catalogue struct catalogue *c = NULL;
	void *data = NULL;

	*out = NULL;
	if (!doc || yaml_doc_fill(doc, &catalogue_schema, &data, e) < 0)
		return -1;
	c = data;
	c->path = strdup(path);
	if (c->version != 1)
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "version"), e,
		                 "`version: 1` expected");
	if (check_rows(doc, c, e) < 0)
		return -1;
	*out = take_ptr(c);
	return 0;
}

bool catalogue_judged_by(const struct scenario *s, const char *id)
{
	for (unsigned i = 0; i < s->catalogue_count; i++)
		if (!strcmp(s->catalogue[i], id))
			return true;
	return false;
}

static int check_coverage(const struct catalogue *c, const struct catalogue_row *row,
                          struct scenario *const *scenarios, size_t n, struct err **e)
{
	const struct scenario *judge = NULL;

	for (size_t i = 0; i < n && !judge; i++)
		if (catalogue_judged_by(scenarios[i], row->id))
			judge = scenarios[i];
	if (!judge && !row->not_covered)
		return err_usage(e,
		                 "%s:%u: no scenario names '%s': write one, or say why there is "
		                 "none with `not-covered`",
		                 c->path, row->line, row->id);
	if (judge && row->not_covered)
		return err_usage(e, "%s:%u: '%s' is said to be not covered, but '%s' names it",
		                 c->path, row->line, row->id, judge->name);
	return 0;
}

int catalogue_check(const struct catalogue *c, struct scenario *const *scenarios, size_t n,
                    struct err **e)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < scenarios[i]->catalogue_count; k++)
			if (!find_row(c, scenarios[i]->catalogue[k]))
				return err_usage(e, "%s:%u: the catalogue, %s, has no row '%s'",
				                 scenarios[i]->path, scenarios[i]->line, c->path,
				                 scenarios[i]->catalogue[k]);
	for (unsigned s = 0; s < c->sections_count; s++)
		for (unsigned r = 0; r < c->sections[s].rows_count; r++)
			if (check_coverage(c, &c->sections[s].rows[r], scenarios, n, e) < 0)
				return -1;
	return 0;
}

void catalogue_free(struct catalogue **c)
{
	if (!*c)
		return;
	free((*c)->path);
	yaml_doc_release(&catalogue_schema, *c);
	*c = NULL;
}
