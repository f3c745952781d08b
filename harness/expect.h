/* Expectations: what a scenario wants an observation to be, and whether it is. */
#ifndef PAMLAB_EXPECT_H
#define PAMLAB_EXPECT_H

#include <jansson.h>
#include <stdbool.h>

enum matcher {
	MATCH_EQUALS,
	MATCH_DIFFERS,
	MATCH_EMPTY,
	MATCH_INCLUDES,
	MATCH_EXCLUDES,
	MATCH_WITHIN,
	MATCH_AT_MOST,
	MATCH_AT_LEAST,
	MATCH_SAME_AS,
	MATCH_DIFFERS_FROM,
	MATCH_AS_WITHOUT_MODULE,
	MATCHERS
};

/* The names as they are written in a scenario, NULL-terminated. */
extern const char *const matcher_names[MATCHERS + 1];

struct expectation {
	char *that;    /* name of the observation */
	char *because; /* why it is expected; NULL if the scenario's title says it */
	enum matcher matcher;
	json_t *value; /* what the matcher compares with */
	unsigned line; /* of the scenario file */
};

enum holds {
	HOLDS,
	BROKEN,
	UNKNOWN, /* what is needed to tell was not observed */
};

/* Texts hold at most EXPECT_TEXT_MAX bytes of a value, then say how many were left out. */
enum { EXPECT_TEXT_MAX = 300 };

struct expect_result {
	enum holds holds;
	char *observed;          /* compact JSON, or "not observed"; or what type was found */
	char *expected;          /* "empty", "at most 7", ...; or what type was expected */
	char *missing;           /* if UNKNOWN: the observation that is not there */
	bool missing_in_control; /* ... and that it is the run without the module that lacks it */
};

/* Compares. `without_module` are the observations of the run without the module, NULL if there are
 * none. The caller frees the result with expect_result_clear. Returns 0; < 0 only if the
 * expectation itself cannot be evaluated (its value does not fit its matcher), which the loader
 * rules out. */
int expect_check(const struct expectation *x, const json_t *observations,
                 const json_t *without_module, struct expect_result *out);

void expect_result_clear(struct expect_result *r);

/* What is expected, as a phrase: "includes all of [1,2]". The caller frees it. */
char *expect_describe(const struct expectation *x);

/* A value as compact JSON of at most EXPECT_TEXT_MAX bytes and a count of the rest. The caller
 * frees it. */
char *expect_value_text(const json_t *value);

#endif
