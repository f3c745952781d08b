/* The half of yaml_doc.h that talks to libcyaml, and turns its log into one line for a person. */
#include <stdarg.h>
#include <string.h>

#include "cleanup.h"
#include "suggest.h"
#include "text.h"
#include "yaml_doc.h"

/* What libcyaml logged: one line that says what is wrong, then where, innermost first. */
struct complaint {
	char *what;
	unsigned line, outer_line; /* 0: none given */
};

static void note(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct complaint *c = ctx;
	cleanup_free char *text = text_vformat(fmt, ap);
	const char *at;
	unsigned line;

	(void)level;
	text[strcspn(text, "\n")] = '\0';
	at = strstr(text, "(line: ");
	if (!c->what) {
		c->what = strdup(strncmp(text, "Load: ", 6) ? text : text + 6);
	} else if (at && sscanf(at, "(line: %u", &line) == 1) {
		if (!c->line)
			c->line = line;
		else if (!c->outer_line)
			c->outer_line = line;
	}
}

static const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) ? NULL : text + n;
}

enum { MOST_KEYS = 96 };

/* All keys of a schema, at any depth: candidates for what an unknown key should have been. */
static size_t collect_keys(const cyaml_schema_value_t *schema, const char **keys, size_t n)
{
	if (schema->type == CYAML_SEQUENCE)
		return collect_keys(schema->sequence.entry, keys, n);
	if (schema->type != CYAML_MAPPING)
		return n;
	for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key && n < MOST_KEYS; f++) {
		keys[n++] = f->key;
		n = collect_keys(&f->value, keys, n);
	}
	return n;
}

/* The first node of the tree that has this key, which the schema does not know at all. */
static unsigned line_of_key(const struct yaml_doc *doc, const char *key, unsigned from)
{
	yaml_document_t *tree = (yaml_document_t *)&doc->tree;

	for (yaml_node_t *n = tree->nodes.start; n < tree->nodes.top; n++) {
		if (n->type != YAML_MAPPING_NODE)
			continue;
		for (yaml_node_pair_t *p = n->data.mapping.pairs.start;
		     p < n->data.mapping.pairs.top; p++) {
			yaml_node_t *k = yaml_document_get_node(tree, p->key);

			if (k && k->type == YAML_SCALAR_NODE && yaml_line(k) >= from &&
			    !strcmp((char *)k->data.scalar.value, key))
				return yaml_line(k);
		}
	}
	return from;
}

static const char *plain_type(const char *event)
{
	static const char *const names[][2] = {
	    {"SCALAR", "a single value"},         {"SEQUENCE_START", "a list"},
	    {"MAPPING_START", "keys and values"}, {"SEQUENCE", "a list"},
	    {"MAPPING", "keys and values"},       {"STRING", "a single value"},
	    {"UINT", "a whole number"},           {"ALIAS", "an alias"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(event, names[i][0]))
			return names[i][1];
	return event;
}

static int explain(const struct yaml_doc *doc, const cyaml_schema_value_t *schema,
                   const struct complaint *c, struct err **e)
{
	const char *keys[MOST_KEYS + 1], *found;
	unsigned line = c->line ? c->line : 1;
	char *wanted = NULL, *got = NULL;
	int rc;

	if ((found = after(c->what, "Unexpected key: "))) {
		const char *near;

		keys[collect_keys(schema, keys, 0)] = NULL;
		near = suggest(found, keys);
		line = line_of_key(doc, found, line);
		if (near && strcmp(near, found) != 0)
			return err_usage(e, "%s:%u: unknown key '%s'; did you mean '%s'?",
			                 doc->path, line, found, near);
		return err_usage(e, "%s:%u: unknown key '%s' here", doc->path, line, found);
	}
	if ((found = after(c->what, "Mapping field already seen: ")))
		return err_usage(e, "%s:%u: the key '%s' is given twice", doc->path,
		                 line_of_key(doc, found, line + 1), found);
	if ((found = after(c->what, "Missing required mapping field: ")))
		return err_usage(e, "%s:%u: the key '%s' is missing", doc->path,
		                 c->outer_line ? c->outer_line : 1, found);
	if ((found = strstr(c->what, " value: '")))
		return err_usage(e, "%s:%u: a whole number expected, found %s", doc->path, line,
		                 found + 8);
	if (sscanf(c->what, "Expecting %m[A-Z_], got event: %m[A-Z_]", &wanted, &got) == 2)
		rc = err_usage(e, "%s:%u: %s expected, found %s", doc->path, line,
		               plain_type(wanted), plain_type(got));
	else
		rc = err_usage(e, "%s:%u: %s", doc->path, line, c->what);
	free(wanted);
	free(got);
	return rc;
}

static cyaml_config_t config_for(struct complaint *c)
{
	return (cyaml_config_t){
	    .log_fn = c ? note : NULL,
	    .log_ctx = c,
	    .log_level = CYAML_LOG_ERROR,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS,
	};
}

int yaml_doc_fill(const struct yaml_doc *doc, const cyaml_schema_value_t *schema, void **data,
                  struct err **e)
{
	struct complaint c = {0};
	cyaml_config_t config = config_for(&c);
	cyaml_err_t rc;
	int result = 0;

	rc = cyaml_load_data((const uint8_t *)doc->bytes, doc->len, &config, schema, data, NULL);
	if (rc != CYAML_OK) {
		if (!c.what || rc == CYAML_ERR_ALIAS) { /* of aliases it logs only where they are */
			free(c.what);
			c.what =
			    strdup(rc == CYAML_ERR_ALIAS ? "an alias (*NAME) is not allowed here"
			                                 : cyaml_strerror(rc));
		}
		result = explain(doc, schema, &c, e);
	}
	free(c.what);
	return result;
}

void yaml_doc_release(const cyaml_schema_value_t *schema, void *data)
{
	cyaml_config_t config = config_for(NULL);

	if (data)
		cyaml_free(&config, schema, data, 0);
}
