#include "contract.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "suggest.h"
#include "text.h"
#include "yaml_doc.h"

#define TEXT(key, type, member)                                                                    \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CYAML_UNLIMITED)};

static const cyaml_schema_field_t known_fields[] = {
    TEXT("case", struct known_failure, pattern),
    TEXT("reason", struct known_failure, reason),
    CYAML_FIELD_IGNORE("sometimes", CYAML_FLAG_OPTIONAL), /* yaml_bool is stricter */
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t known_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct known_failure, known_fields)};

static const cyaml_schema_field_t contract_fields[] = {
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct contract, version),
    TEXT("module", struct contract, module),
    CYAML_FIELD_SEQUENCE("promises", CYAML_FLAG_POINTER, struct contract, promises, &text_schema, 0,
                         CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("strict-args", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct contract,
                           strict_args, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("known-failures", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                         struct contract, known, &known_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t contract_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct contract, contract_fields)};

static int read_promises(const struct yaml_doc *doc, struct contract *c, struct err **e)
{
	const yaml_node_t *list = yaml_get(doc, yaml_root(doc), "promises");

	for (unsigned i = 0; i < c->promises_count; i++) {
		int p = promise_find(c->promises[i]);
		const char *near;

		if (p >= 0) {
			c->gives |= PROMISE_BIT(p);
			continue;
		}
		near = suggest(c->promises[i], promise_names());
		return yaml_fail(doc, yaml_item(doc, list, i), e, "unknown promise '%s'; %s%s%s",
		                 c->promises[i], near ? "did you mean '" : "`pamlab list promises`",
		                 near ? near : " names them", near ? "'?" : "");
	}
	return 0;
}

static int read_known(const struct yaml_doc *doc, struct contract *c, struct err **e)
{
	const yaml_node_t *list = yaml_get(doc, yaml_root(doc), "known-failures");

	for (unsigned i = 0; i < c->known_count; i++) {
		const yaml_node_t *node = yaml_item(doc, list, i);

		c->known[i].line = yaml_line(node);
		if (!strchr(c->known[i].pattern, '/'))
			return yaml_fail(
			    doc, yaml_get(doc, node, "case"), e,
			    "'%s': write ENTRY/SCENARIO, such as \"sudo*/process-list\"",
			    c->known[i].pattern);
		if (yaml_bool(doc, yaml_get(doc, node, "sometimes"), &c->known[i].sometimes, e) < 0)
			return -1;
	}
	return 0;
}

static int read_doc(const struct yaml_doc *doc, struct contract **out, struct err **e)
{
	cleanup_contract struct contract *c = NULL;
	void *data = NULL;

	*out = NULL;
	if (!doc || yaml_doc_fill(doc, &contract_schema, &data, e) < 0)
		return -1;
	c = data;
	c->path = strdup(doc->path);
	if (c->version != 1)
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "version"), e,
		                 "`version: 1` expected");
	if (read_promises(doc, c, e) < 0 || read_known(doc, c, e) < 0)
		return -1;
	*out = take_ptr(c);
	return 0;
}

int contract_load(const char *path, struct contract **out, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);

	return read_doc(doc, out, e);
}

int contract_parse(const char *name, const char *text, size_t len, struct contract **out,
                   struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_parse(name, text, len, e);

	return read_doc(doc, out, e);
}

struct contract *contract_default(const char *module)
{
	struct contract *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	/* cyaml_mem is realloc(3): contract_free frees these like a file's */
	c->version = 1;
	c->module = strdup(module);
	c->gives = PROMISE_ALL;
	c->promises = calloc(PROMISES, sizeof(*c->promises));
	if (!c->promises || !c->module)
		abort();
	for (; c->promises_count < PROMISES; c->promises_count++)
		c->promises[c->promises_count] = strdup(promises[c->promises_count].name);
	return c;
}

void contract_free(struct contract **c)
{
	if (!*c)
		return;
	free((*c)->path);
	yaml_doc_release(&contract_schema, *c);
	*c = NULL;
}

const struct known_failure *contract_known(const struct contract *c, const char *entry,
                                           const char *scenario)
{
	cleanup_free char *name = text_format("%s/%s", entry, scenario);

	for (unsigned i = 0; i < c->known_count; i++)
		if (!fnmatch(c->known[i].pattern, name, FNM_PATHNAME))
			return &c->known[i];
	return NULL;
}
