#include "yaml_doc.h"

#include <stdarg.h>
#include <string.h>

#include "cleanup.h"
#include "paths.h"
#include "text.h"

int yaml_fail(const struct yaml_doc *doc, const yaml_node_t *at, struct err **e, const char *fmt,
              ...)
{
	cleanup_free char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = text_vformat(fmt, ap);
	va_end(ap);
	return err_usage(e, "%s:%u: %s", doc->path, yaml_line(at), what);
}

static void fail_syntax(const struct yaml_doc *doc, const yaml_parser_t *p, struct err **e)
{
	const char *problem = p->problem ? p->problem : "unreadable";
	size_t line = p->problem_mark.line + 1;

	if (p->context)
		err_usage(e, "%s:%zu: this is no YAML: %s, %s from line %zu", doc->path, line,
		          problem, p->context, p->context_mark.line + 1);
	else
		err_usage(e, "%s:%zu: this is no YAML: %s", doc->path, line, problem);
}

static int parse(struct yaml_doc *doc, struct err **e)
{
	yaml_parser_t parser;
	int rc = 0;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)doc->bytes, doc->len);
	if (!yaml_parser_load(&parser, &doc->tree)) {
		fail_syntax(doc, &parser, e);
		/* The document was not initialized: nothing in it may be freed. */
		memset(&doc->tree, 0, sizeof(doc->tree));
		rc = -1;
	} else if (!yaml_document_get_root_node(&doc->tree)) {
		rc = err_usage(e, "%s:1: the file is empty; it should begin with `version: 1`",
		               doc->path);
	}
	yaml_parser_delete(&parser);
	return rc;
}

/* Takes the bytes. */
static struct yaml_doc *take_bytes(const char *path, char *bytes, size_t len, struct err **e)
{
	struct yaml_doc *doc = calloc(1, sizeof(*doc));

	if (!doc)
		abort();
	doc->path = strdup(path);
	doc->bytes = bytes;
	doc->len = len;
	if (parse(doc, e) < 0)
		yaml_doc_free(&doc);
	return doc;
}

struct yaml_doc *yaml_doc_read(const char *path, struct err **e)
{
	size_t len;
	char *bytes = read_file(path, &len, e);

	if (bytes)
		return take_bytes(path, bytes, len, e);
	if (e && *e)
		(*e)->status = EXIT_USAGE;
	return NULL;
}

struct yaml_doc *yaml_doc_parse(const char *name, const char *bytes, size_t len, struct err **e)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return take_bytes(name, copy, len, e);
}

void yaml_doc_free(struct yaml_doc **doc)
{
	if (!*doc)
		return;
	if ((*doc)->tree.nodes.start)
		yaml_document_delete(&(*doc)->tree);
	free((*doc)->path);
	free((*doc)->bytes);
	free(*doc);
	*doc = NULL;
}

/* libyaml's accessors take documents that they could change; these ones they only read. */
static yaml_document_t *tree_of(const struct yaml_doc *doc)
{
	return (yaml_document_t *)&doc->tree;
}

yaml_node_t *yaml_root(const struct yaml_doc *doc)
{
	return yaml_document_get_root_node(tree_of(doc));
}

yaml_node_t *yaml_get(const struct yaml_doc *doc, const yaml_node_t *mapping, const char *key)
{
	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
	     p < mapping->data.mapping.pairs.top; p++) {
		yaml_node_t *k = yaml_document_get_node(tree_of(doc), p->key);

		if (k && k->type == YAML_SCALAR_NODE && !strcmp((char *)k->data.scalar.value, key))
			return yaml_document_get_node(tree_of(doc), p->value);
	}
	return NULL;
}

yaml_node_t *yaml_item(const struct yaml_doc *doc, const yaml_node_t *sequence, size_t i)
{
	yaml_node_item_t *at;

	if (!sequence || sequence->type != YAML_SEQUENCE_NODE)
		return NULL;
	at = sequence->data.sequence.items.start + i;
	return at < sequence->data.sequence.items.top ? yaml_document_get_node(tree_of(doc), *at)
	                                              : NULL;
}

unsigned yaml_line(const yaml_node_t *node)
{
	return node ? node->start_mark.line + 1 : 1;
}

static json_t *scalar_json(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;
	bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	json_t *value;

	if (plain && !*text)
		return NULL;
	value = plain ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	return value ? value : json_string(text);
}

json_t *yaml_json(const struct yaml_doc *doc, const yaml_node_t *node)
{
	cleanup_json json_t *list = NULL;
	yaml_node_t *item;

	if (node && node->type == YAML_SCALAR_NODE)
		return scalar_json(node);
	if (!node || node->type != YAML_SEQUENCE_NODE)
		return NULL;
	list = json_array();
	for (size_t i = 0; (item = yaml_item(doc, node, i)); i++) {
		json_t *value = item->type == YAML_SCALAR_NODE ? scalar_json(item) : NULL;

		if (!value)
			return NULL;
		json_array_append_new(list, value);
	}
	return take_ptr(list);
}

int yaml_bool(const struct yaml_doc *doc, const yaml_node_t *node, bool *value, struct err **e)
{
	const char *text;

	if (!node)
		return 0;
	text = node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return yaml_fail(doc, node, e, "expected `true` or `false`, found '%s'", text);
	*value = *text == 't';
	return 0;
}
