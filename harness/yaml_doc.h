/* YAML files that a person writes: read against a libcyaml schema, with an error that names file,
 * line and what was expected. libcyaml fills the C structures; the parsed document is kept beside
 * them, because only it knows the line of each value and what type a free value was written as. */
#ifndef PAMLAB_YAML_DOC_H
#define PAMLAB_YAML_DOC_H

#include <cyaml/cyaml.h>
#include <jansson.h>
#include <stdbool.h>
#include <yaml.h>

#include "err.h"

struct yaml_doc {
	char *path;
	char *bytes; /* the file, as it was read */
	size_t len;
	yaml_document_t tree;
};

/* Reads and parses a file that holds one YAML document. NULL on error (EXIT_USAGE). */
struct yaml_doc *yaml_doc_read(const char *path, struct err **e);
/* The same from memory (len bytes, which stay the caller's); `name` is what errors call it. */
struct yaml_doc *yaml_doc_parse(const char *name, const char *bytes, size_t len, struct err **e);
void yaml_doc_free(struct yaml_doc **doc);
#define cleanup_yaml_doc __attribute__((cleanup(yaml_doc_free)))

/* Fills *data (which the caller frees with yaml_doc_release) as the schema says. */
int yaml_doc_fill(const struct yaml_doc *doc, const cyaml_schema_value_t *schema, void **data,
                  struct err **e);
void yaml_doc_release(const cyaml_schema_value_t *schema, void *data);

/* Nodes belong to the document. NULL stands for "not there" and is accepted everywhere. */
yaml_node_t *yaml_root(const struct yaml_doc *doc);
yaml_node_t *yaml_get(const struct yaml_doc *doc, const yaml_node_t *mapping, const char *key);
yaml_node_t *yaml_item(const struct yaml_doc *doc, const yaml_node_t *sequence, size_t i);

/* Line of a node, from 1; of a node that is not there, 1. */
unsigned yaml_line(const yaml_node_t *node);

/* A scalar as JSON: what is written plainly and is JSON (true, 7, null) is that, everything else is
 * a string; a sequence as an array of such. NULL for anything else, and for an empty scalar. The
 * caller owns the result. */
json_t *yaml_json(const struct yaml_doc *doc, const yaml_node_t *node);

/* Reads `true` or `false`; a node that is not there leaves *value alone. */
int yaml_bool(const struct yaml_doc *doc, const yaml_node_t *node, bool *value, struct err **e);

/* Sets *e to "FILE:LINE: ..." (EXIT_USAGE). Always returns -1. */
int yaml_fail(const struct yaml_doc *doc, const yaml_node_t *at, struct err **e, const char *fmt,
              ...) __attribute__((format(printf, 4, 5)));

#endif
