/* How a case stands, in one word: its verdict, with what the contract knew of it. All reports but
 * KTAP sort cases by this. */
#ifndef PAMLAB_MARK_H
#define PAMLAB_MARK_H

#include <jansson.h>

/* In the order of increasing urgency: of several cases in a cell of a matrix the last is shown. */
enum mark_id {
	MARK_NONE,
	MARK_SKIP,
	MARK_INFO,
	MARK_PASS,
	MARK_WARN,
	MARK_KNOWN,
	MARK_SURPRISE, /* from here on somebody has to do something about it */
	MARK_INCONCLUSIVE,
	MARK_ERROR,
	MARK_FAIL,
	MARK_COUNT,
};

struct mark {
	const char *symbol;  /* one column */
	const char *colour;  /* parameters of SGR (ECMA-48, 8.3.117) */
	const char *name;    /* one or two words */
	const char *meaning; /* for a legend */
};
extern const struct mark marks[MARK_COUNT];

/* How a case line is marked. */
enum mark_id mark_of(const json_t *obj);

#endif
