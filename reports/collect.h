/* For reports that are written at the end: the lines that they are made of. */
#ifndef PAMLAB_COLLECT_H
#define PAMLAB_COLLECT_H

#include <jansson.h>

struct collection {
	json_t *run;   /* NULL until collection_begin */
	json_t *cases; /* array of the case lines */
};

void collection_init(struct collection *c);
void collection_begin(struct collection *c, const json_t *run);
void collection_add(struct collection *c, const json_t *obj);
void collection_free(struct collection *c);

/* Sorts by these keys of the case lines, which a NULL ends; what is equal stays in order. Entries
 * are in the order of their table, what is not there after them by name. The key
 * "environment" is the id's IMAGE+KERNEL. */
void collection_sort(struct collection *c, const char *const *keys);

/* The entries of these case lines, in that order, each once. New reference. */
json_t *collect_entries(const json_t *cases);

/* < 0, 0 or > 0: the order of two case lines by one key. */
int compare_by(const json_t *a, const json_t *b, const char *key);

/* What of a case line is text, "" if it is none. Borrowed. */
const char *text_of(const json_t *obj, const char *key);

/* What keeps the report from being all that there is to say, as sentences fit for a terminal: the
 * run was interrupted, cases are missing, the log is damaged (`notes` of the summary). Empty if the
 * report is complete. New reference. */
json_t *report_notes(const json_t *run, size_t n_cases, const json_t *summary);

/* What the run line says of the module or the scenario of this name; NULL if it does not. Borrowed.
 */
const json_t *run_module(const json_t *run, const char *name);
const json_t *run_scenario(const json_t *run, const char *name);

#endif
