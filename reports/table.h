/* What the two halves of the table reporter share. */
#ifndef PAMLAB_TABLE_H
#define PAMLAB_TABLE_H

#include "reporter.h"

enum mark_id {
	MARK_NONE,
	MARK_SKIP,
	MARK_INFO,
	MARK_PASS,
	MARK_WARN,
	MARK_KNOWN,
	MARK_SURPRISE, /* from here on a case is listed below the matrix */
	MARK_INCONCLUSIVE,
	MARK_ERROR,
	MARK_FAIL,
	MARK_COUNT,
};

struct mark {
	const char *symbol;  /* one column */
	const char *colour;  /* parameters of SGR (ECMA-48, 8.3.117) */
	const char *meaning; /* for the legend */
};
extern const struct mark marks[MARK_COUNT];

/* How a case line is marked. */
enum mark_id mark_of(const json_t *obj);

/* Writes text in the mark's colour, if the stream shows colours. */
void paint(FILE *out, const struct style *style, const struct mark *mark, const char *text);

/* Prints the matrix and its legend; the case lines are sorted by module, group and scenario. */
void print_matrix(FILE *out, const struct style *style, const json_t *cases);

#endif
