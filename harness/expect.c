#include "expect.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"

const char *const matcher_names[MATCHERS + 1] = {
    [MATCH_EQUALS] = "equals",
    [MATCH_DIFFERS] = "differs",
    [MATCH_EMPTY] = "empty",
    [MATCH_INCLUDES] = "includes",
    [MATCH_EXCLUDES] = "excludes",
    [MATCH_WITHIN] = "within",
    [MATCH_AT_MOST] = "at-most",
    [MATCH_AT_LEAST] = "at-least",
    [MATCH_SAME_AS] = "same-as",
    [MATCH_DIFFERS_FROM] = "differs-from",
    [MATCH_AS_WITHOUT_MODULE] = "as-without-module",
};

char *expect_value_text(const json_t *value)
{
	cleanup_free char *text =
	    json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	size_t cut = EXPECT_TEXT_MAX, len;

	if (!text)
		return strdup("(not to be shown)");
	len = strlen(text);
	if (len <= EXPECT_TEXT_MAX)
		return take_ptr(text);
	while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80) /* not inside a UTF-8 sequence */
		cut--;
	return text_format("%.*s... (%zu bytes more)", (int)cut, text, len - cut);
}

char *expect_describe(const struct expectation *x)
{
	cleanup_free char *value = x->value ? expect_value_text(x->value) : strdup("?");
	const char *name = json_string_value(x->value);

	switch (x->matcher) {
	case MATCH_EQUALS:
		return take_ptr(value);
	case MATCH_DIFFERS:
		return text_format("anything but %s", value);
	case MATCH_EMPTY:
		return strdup(json_is_true(x->value) ? "empty" : "not empty");
	case MATCH_INCLUDES:
		return text_format("all of %s", value);
	case MATCH_EXCLUDES:
		return text_format("none of %s", value);
	case MATCH_WITHIN:
		return text_format("nothing but %s", value);
	case MATCH_AT_MOST:
		return text_format("at most %s", value);
	case MATCH_AT_LEAST:
		return text_format("at least %s", value);
	case MATCH_SAME_AS:
		return text_format("the same as %s", name ? name : "?");
	case MATCH_DIFFERS_FROM:
		return text_format("something else than %s", name ? name : "?");
	case MATCH_AS_WITHOUT_MODULE:
		return strdup("the same as without the module");
	case MATCHERS:
		break;
	}
	return strdup("?");
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "nothing known";
}

static bool same_type(const json_t *a, const json_t *b)
{
	return (json_is_number(a) && json_is_number(b)) ||
	       (json_is_boolean(a) && json_is_boolean(b)) || json_typeof(a) == json_typeof(b);
}

/* Equality; 7 and 7.0 are the same number. */
static bool same(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) != json_is_integer(b) && json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

static bool contains(const json_t *list, const json_t *value)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) if (same(item, value)) return true;
	return false;
}

static bool subset(const json_t *of, const json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach(of, i, item) if (!contains(list, item)) return false;
	return true;
}

/* Lists are compared as sets: the order in which /proc lists processes means nothing. */
static bool same_set(const json_t *a, const json_t *b)
{
	if (json_is_array(a) && json_is_array(b))
		return subset(a, b) && subset(b, a);
	return same(a, b);
}

static int settle(struct expect_result *out, bool holds)
{
	out->holds = holds ? HOLDS : BROKEN;
	return 0;
}

static int mismatch(struct expect_result *out, const json_t *seen, const char *expected)
{
	char *value = expect_value_text(seen);

	out->holds = BROKEN;
	free(out->observed);
	free(out->expected);
	out->observed =
	    json_is_null(seen) ? strdup("null") : text_format("%s: %s", type_name(seen), value);
	out->expected = strdup(expected);
	free(value);
	return 0;
}

static int missing(struct expect_result *out, const char *name, bool in_control)
{
	out->holds = UNKNOWN;
	out->missing = strdup(name);
	out->missing_in_control = in_control;
	free(out->observed);
	out->observed = in_control ? text_format("%s was not observed without the module", name)
	                           : text_format("%s was not observed", name);
	return 0;
}

/* Is the wanted item in what was seen: an element of a list, a part of a string? */
static bool has(const json_t *seen, const json_t *wanted)
{
	if (json_is_string(seen))
		return json_is_string(wanted) &&
		       strstr(json_string_value(seen), json_string_value(wanted)) != NULL;
	return contains(seen, wanted);
}

/* includes, excludes: names the items that break the expectation. */
static int check_items(const struct expectation *x, const json_t *seen, struct expect_result *out)
{
	bool want = x->matcher == MATCH_INCLUDES;
	cleanup_json json_t *wrong = json_array();
	cleanup_free char *list = NULL;
	char *expected;
	size_t i;
	json_t *item;

	if (!json_is_array(seen) && !json_is_string(seen))
		return mismatch(out, seen, "a list");
	json_array_foreach(x->value, i, item) if (has(seen, item) != want)
	    json_array_append(wrong, item);
	if (!json_array_size(wrong))
		return settle(out, true);
	list = expect_value_text(wrong);
	expected = text_format("%s; %s is %s", out->expected, list, want ? "not there" : "there");
	free(out->expected);
	out->expected = expected;
	return settle(out, false);
}

static int check_within(const struct expectation *x, const json_t *seen, struct expect_result *out)
{
	if (json_is_array(seen))
		return settle(out, subset(seen, x->value));
	return settle(out, contains(x->value, seen));
}

static int check_empty(const struct expectation *x, const json_t *seen, struct expect_result *out)
{
	size_t size;

	if (json_is_array(seen))
		size = json_array_size(seen);
	else if (json_is_string(seen))
		size = json_string_length(seen);
	else if (json_is_object(seen))
		size = json_object_size(seen);
	else
		return mismatch(out, seen, "a list");
	return settle(out, (size == 0) == json_is_true(x->value));
}

static int check_bound(const struct expectation *x, const json_t *seen, struct expect_result *out)
{
	bool most = x->matcher == MATCH_AT_MOST;

	if (!json_is_number(seen))
		return mismatch(out, seen, "a number");
	/* A double has no room for every count of ns: compare integers as such. */
	if (json_is_integer(seen) && json_is_integer(x->value)) {
		json_int_t a = json_integer_value(seen), b = json_integer_value(x->value);

		return settle(out, most ? a <= b : a >= b);
	}
	return settle(out, most ? json_number_value(seen) <= json_number_value(x->value)
	                        : json_number_value(seen) >= json_number_value(x->value));
}

static int check_value(const struct expectation *x, const json_t *seen, struct expect_result *out)
{
	bool want = x->matcher == MATCH_EQUALS;

	if (!same_type(seen, x->value) && !json_is_null(x->value))
		return mismatch(out, seen, type_name(x->value));
	return settle(out, same(seen, x->value) == want);
}

/* same-as, differs-from, as-without-module: compares with another observation. */
static int check_other(const struct expectation *x, const json_t *seen, const json_t *from,
                       const char *name, struct expect_result *out)
{
	bool control = x->matcher == MATCH_AS_WITHOUT_MODULE;
	bool want = x->matcher != MATCH_DIFFERS_FROM, nothing;
	const json_t *other = from ? json_object_get(from, name) : NULL;
	char *value, *expected;

	if (!other)
		return missing(out, name, control);
	nothing = json_is_null(seen) || json_is_null(other);
	/* Nothing is never the same as something; but that it differs from something proves
	 * nothing. */
	if (!same_type(seen, other) && !(nothing && want))
		return mismatch(out, seen, type_name(other));
	value = expect_value_text(other);
	expected = text_format("%s: %s", out->expected, value);
	free(value);
	free(out->expected);
	out->expected = expected;
	return settle(out, same_set(seen, other) == want);
}

int expect_check(const struct expectation *x, const json_t *observations,
                 const json_t *without_module, struct expect_result *out)
{
	const json_t *seen = observations ? json_object_get(observations, x->that) : NULL;

	*out = (struct expect_result){.expected = expect_describe(x)};
	if (!seen)
		return missing(out, x->that, false);
	out->observed = expect_value_text(seen);
	switch (x->matcher) {
	case MATCH_EQUALS:
	case MATCH_DIFFERS:
		return check_value(x, seen, out);
	case MATCH_EMPTY:
		return check_empty(x, seen, out);
	case MATCH_INCLUDES:
	case MATCH_EXCLUDES:
		return check_items(x, seen, out);
	case MATCH_WITHIN:
		return check_within(x, seen, out);
	case MATCH_AT_MOST:
	case MATCH_AT_LEAST:
		return check_bound(x, seen, out);
	case MATCH_SAME_AS:
	case MATCH_DIFFERS_FROM:
		return check_other(x, seen, observations, json_string_value(x->value), out);
	case MATCH_AS_WITHOUT_MODULE:
		return check_other(x, seen, without_module, x->that, out);
	case MATCHERS:
		break;
	}
	out->holds = UNKNOWN;
	return -1;
}

void expect_result_clear(struct expect_result *r)
{
	free(r->observed);
	free(r->expected);
	free(r->missing);
	*r = (struct expect_result){0};
}
