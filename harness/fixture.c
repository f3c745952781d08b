#include "fixture.h"

#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "paths.h"
#include "text.h"
#include "yaml_doc.h"

#define TEXT(key, type, member)                                                                    \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define LIST(key, member)                                                                          \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER, struct fixture, member, &text_schema, 0,     \
	                     CYAML_UNLIMITED)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CYAML_UNLIMITED)};

static const cyaml_schema_field_t fixture_fields[] = {
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct fixture, version),
    TEXT("fixture", struct fixture, name),
    TEXT("what", struct fixture, what),
    LIST("catalogue", catalogue),
    LIST("caught-by", caught_by),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t fixture_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct fixture, fixture_fields)};

static int check_name(const struct yaml_doc *doc, const struct fixture *f, struct err **e)
{
	cleanup_free char *copy = strdup(f->path), *file = NULL;

	file = text_format("%s.yaml", f->name);
	if (strcmp(basename(copy), file) != 0)
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "fixture"), e,
		                 "the fixture '%s' should be in a file named %s", f->name, file);
	return 0;
}

static int read_catchers(const struct yaml_doc *doc, struct fixture *f, struct err **e)
{
	const yaml_node_t *list = yaml_get(doc, yaml_root(doc), "caught-by");

	if (!f->caught_by_count && strcmp(f->name, FIXTURE_BASE) != 0)
		return yaml_fail(doc, list, e,
		                 "a fixture that no scenario catches shows nothing: name one");
	f->catchers = calloc(f->caught_by_count + 1, sizeof(*f->catchers));
	if (!f->catchers)
		abort();
	for (unsigned i = 0; i < f->caught_by_count; i++) {
		const char *text = f->caught_by[i], *at = strchr(text, '@');
		struct catcher *c = &f->catchers[i];

		c->scenario = at ? strndup(text, at - text) : strdup(text);
		c->entry = at ? strdup(at + 1) : NULL;
		if (at && entry_check(c->entry, e) < 0)
			return err_wrap(e, "%s:%u", doc->path, yaml_line(yaml_item(doc, list, i)));
	}
	return 0;
}

int fixture_load(const char *path, struct fixture **out, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);
	cleanup_fixture struct fixture *f = NULL;
	void *data = NULL;

	*out = NULL;
	if (!doc || yaml_doc_fill(doc, &fixture_schema, &data, e) < 0)
		return -1;
	f = data;
	f->path = strdup(path);
	if (f->version != 1)
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "version"), e,
		                 "`version: 1` expected");
	if (check_name(doc, f, e) < 0 || read_catchers(doc, f, e) < 0)
		return -1;
	*out = take_ptr(f);
	return 0;
}

void fixture_free(struct fixture **f)
{
	if (!*f)
		return;
	for (unsigned i = 0; (*f)->catchers && i < (*f)->caught_by_count; i++) {
		free((*f)->catchers[i].scenario);
		free((*f)->catchers[i].entry);
	}
	free((*f)->catchers);
	free((*f)->path);
	yaml_doc_release(&fixture_schema, *f);
	*f = NULL;
}

static void find_files(glob_t *g)
{
	cleanup_free char *pattern = path_home("modules/fixtures/*.yaml");

	if (glob(pattern, 0, NULL, g) != 0)
		g->gl_pathc = 0;
}

static int base_first(const void *pa, const void *pb)
{
	const struct fixture *a = *(struct fixture *const *)pa, *b = *(struct fixture *const *)pb;
	bool a_base = !strcmp(a->name, FIXTURE_BASE), b_base = !strcmp(b->name, FIXTURE_BASE);

	return a_base != b_base ? b_base - a_base : strcmp(a->name, b->name);
}

int fixtures_load_all(struct fixture ***list, size_t *n, struct err **e)
{
	int status = 0;
	glob_t g;

	find_files(&g);
	*n = 0;
	*list = calloc(g.gl_pathc + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t i = 0; i < g.gl_pathc && status == 0; i++) {
		status = fixture_load(g.gl_pathv[i], &(*list)[*n], e);
		*n += status == 0;
	}
	globfree(&g);
	if (status < 0) {
		fixtures_free(*list, *n);
		*list = NULL;
		*n = 0;
		return -1;
	}
	qsort(*list, *n, sizeof(**list), base_first);
	return 0;
}

void fixtures_free(struct fixture **list, size_t n)
{
	for (size_t i = 0; list && i < n; i++)
		fixture_free(&list[i]);
	free(list);
}

char **fixture_names(void)
{
	char **names;
	glob_t g;

	find_files(&g);
	names = calloc(g.gl_pathc + 1, sizeof(*names));
	if (!names)
		abort();
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *base = strrchr(g.gl_pathv[i], '/') + 1;

		names[i] = strndup(base, strlen(base) - strlen(".yaml"));
	}
	globfree(&g);
	return names;
}
