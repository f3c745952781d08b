#include <check.h>

#include <string.h>

#include "cleanup.h"
#include "expect.h"

Suite *suite_expect(void);

/* "seen" is observed to be `seen`, "other" to be `other` and, without the module, "seen" to be
 * `other` too. All are JSON; NULL: not observed. */
static struct expect_result check(enum matcher m, const char *value, const char *seen,
                                  const char *other)
{
	cleanup_json json_t *observations = json_object(), *without = json_object();
	char that[] = "seen";
	struct expectation x = {.that = that, .matcher = m};
	struct expect_result r;

	x.value = json_loads(value, JSON_DECODE_ANY, NULL);
	ck_assert_ptr_nonnull(x.value);
	if (seen)
		json_object_set_new(observations, "seen", json_loads(seen, JSON_DECODE_ANY, NULL));
	if (other) {
		json_object_set_new(observations, "other",
		                    json_loads(other, JSON_DECODE_ANY, NULL));
		json_object_set_new(without, "seen", json_loads(other, JSON_DECODE_ANY, NULL));
	}
	ck_assert_int_eq(expect_check(&x, observations, without, &r), 0);
	ck_assert_ptr_nonnull(r.observed);
	ck_assert_ptr_nonnull(r.expected);
	json_decref(x.value);
	return r;
}

static const struct {
	enum matcher matcher;
	const char *value, *seen, *other;
	enum holds holds;
} table[] = {
    {MATCH_EQUALS, "7", "7", NULL, HOLDS},
    {MATCH_EQUALS, "7", "7.0", NULL, HOLDS},
    {MATCH_EQUALS, "7", "8", NULL, BROKEN},
    {MATCH_EQUALS, "7", "\"7\"", NULL, BROKEN},
    {MATCH_EQUALS, "7", "null", NULL, BROKEN},
    {MATCH_EQUALS, "null", "null", NULL, HOLDS},
    {MATCH_EQUALS, "null", "9", NULL, BROKEN},
    {MATCH_EQUALS, "true", "true", NULL, HOLDS},
    {MATCH_EQUALS, "true", "false", NULL, BROKEN},
    {MATCH_EQUALS, "true", "1", NULL, BROKEN},
    {MATCH_EQUALS, "[1,2]", "[1,2]", NULL, HOLDS},
    {MATCH_EQUALS, "[1,2]", "[2,1]", NULL, BROKEN},
    {MATCH_EQUALS, "7", NULL, NULL, UNKNOWN},

    {MATCH_DIFFERS, "7", "8", NULL, HOLDS},
    {MATCH_DIFFERS, "7", "7", NULL, BROKEN},
    {MATCH_DIFFERS, "7", "\"8\"", NULL, BROKEN},
    {MATCH_DIFFERS, "7", "null", NULL, BROKEN},
    {MATCH_DIFFERS, "null", "8", NULL, HOLDS},
    {MATCH_DIFFERS, "null", "null", NULL, BROKEN},
    {MATCH_DIFFERS, "7", NULL, NULL, UNKNOWN},

    {MATCH_EMPTY, "true", "[]", NULL, HOLDS},
    {MATCH_EMPTY, "true", "\"\"", NULL, HOLDS},
    {MATCH_EMPTY, "true", "[1]", NULL, BROKEN},
    {MATCH_EMPTY, "true", "0", NULL, BROKEN},
    {MATCH_EMPTY, "true", "null", NULL, BROKEN},
    {MATCH_EMPTY, "true", NULL, NULL, UNKNOWN},
    {MATCH_EMPTY, "false", "[1]", NULL, HOLDS},
    {MATCH_EMPTY, "false", "[]", NULL, BROKEN},
    {MATCH_EMPTY, "false", "null", NULL, BROKEN},

    {MATCH_INCLUDES, "[\"a\",\"b\"]", "[\"c\",\"b\",\"a\"]", NULL, HOLDS},
    {MATCH_INCLUDES, "[\"a\",\"b\"]", "[\"a\"]", NULL, BROKEN},
    {MATCH_INCLUDES, "[\"a\",\"b\"]", "[]", NULL, BROKEN},
    {MATCH_INCLUDES, "[\"a\"]", "\"bar\"", NULL, HOLDS},
    {MATCH_INCLUDES, "[\"a\"]", "\"foo\"", NULL, BROKEN},
    {MATCH_INCLUDES, "[7]", "\"7\"", NULL, BROKEN},
    {MATCH_INCLUDES, "[\"a\"]", "7", NULL, BROKEN},
    {MATCH_INCLUDES, "[\"a\"]", NULL, NULL, UNKNOWN},

    {MATCH_EXCLUDES, "[1,2]", "[3]", NULL, HOLDS},
    {MATCH_EXCLUDES, "[1,2]", "[3,2]", NULL, BROKEN},
    {MATCH_EXCLUDES, "[\"a\"]", "\"foo\"", NULL, HOLDS},
    {MATCH_EXCLUDES, "[\"a\"]", "\"bar\"", NULL, BROKEN},
    {MATCH_EXCLUDES, "[1,2]", "null", NULL, BROKEN},
    {MATCH_EXCLUDES, "[1,2]", NULL, NULL, UNKNOWN},

    {MATCH_WITHIN, "[1,2,3]", "[3,1]", NULL, HOLDS},
    {MATCH_WITHIN, "[1,2,3]", "[]", NULL, HOLDS},
    {MATCH_WITHIN, "[1,2,3]", "[3,4]", NULL, BROKEN},
    {MATCH_WITHIN, "[1,2,3]", "2", NULL, HOLDS},
    {MATCH_WITHIN, "[1,2,3]", "4", NULL, BROKEN},
    {MATCH_WITHIN, "[1,2,3]", "null", NULL, BROKEN},
    {MATCH_WITHIN, "[1,2,3]", NULL, NULL, UNKNOWN},

    {MATCH_AT_MOST, "7", "7", NULL, HOLDS},
    {MATCH_AT_MOST, "7", "8", NULL, BROKEN},
    {MATCH_AT_MOST, "7.5", "7", NULL, HOLDS},
    {MATCH_AT_MOST, "7", "\"3\"", NULL, BROKEN},
    {MATCH_AT_MOST, "7", "[]", NULL, BROKEN},
    {MATCH_AT_MOST, "9007199254740992", "9007199254740993", NULL, BROKEN},
    {MATCH_AT_MOST, "7", NULL, NULL, UNKNOWN},
    {MATCH_AT_LEAST, "7", "7", NULL, HOLDS},
    {MATCH_AT_LEAST, "7", "6", NULL, BROKEN},
    {MATCH_AT_LEAST, "7", "6.5", NULL, BROKEN},
    {MATCH_AT_LEAST, "7", "null", NULL, BROKEN},
    {MATCH_AT_LEAST, "7", NULL, NULL, UNKNOWN},

    {MATCH_SAME_AS, "\"other\"", "[1,2]", "[2,1]", HOLDS},
    {MATCH_SAME_AS, "\"other\"", "[1,1,2]", "[2,1]", HOLDS},
    {MATCH_SAME_AS, "\"other\"", "[1,2,3]", "[2,1]", BROKEN},
    {MATCH_SAME_AS, "\"other\"", "[1]", "[2,1]", BROKEN},
    {MATCH_SAME_AS, "\"other\"", "7", "7", HOLDS},
    {MATCH_SAME_AS, "\"other\"", "7", "\"7\"", BROKEN},
    {MATCH_SAME_AS, "\"other\"", "[7]", "null", BROKEN},
    {MATCH_SAME_AS, "\"other\"", "7", NULL, UNKNOWN},
    {MATCH_SAME_AS, "\"other\"", NULL, "7", UNKNOWN},

    {MATCH_DIFFERS_FROM, "\"other\"", "7", "8", HOLDS},
    {MATCH_DIFFERS_FROM, "\"other\"", "[1]", "[1,2]", HOLDS},
    {MATCH_DIFFERS_FROM, "\"other\"", "7", "7", BROKEN},
    {MATCH_DIFFERS_FROM, "\"other\"", "[1,2]", "[2,1]", BROKEN},
    {MATCH_DIFFERS_FROM, "\"other\"", "null", "7", BROKEN},
    {MATCH_DIFFERS_FROM, "\"other\"", "7", "\"8\"", BROKEN},
    {MATCH_DIFFERS_FROM, "\"other\"", "7", NULL, UNKNOWN},

    {MATCH_AS_WITHOUT_MODULE, "true", "7", "7", HOLDS},
    {MATCH_AS_WITHOUT_MODULE, "true", "null", "null", HOLDS},
    {MATCH_AS_WITHOUT_MODULE, "true", "[1,2]", "[2,1]", HOLDS},
    {MATCH_AS_WITHOUT_MODULE, "true", "7", "1", BROKEN},
    {MATCH_AS_WITHOUT_MODULE, "true", "9", "null", BROKEN},
    {MATCH_AS_WITHOUT_MODULE, "true", "\"7\"", "7", BROKEN},
    {MATCH_AS_WITHOUT_MODULE, "true", "7", NULL, UNKNOWN},
    {MATCH_AS_WITHOUT_MODULE, "true", NULL, "7", UNKNOWN},
};

START_TEST(every_matcher_both_ways)
{
	struct expect_result r =
	    check(table[_i].matcher, table[_i].value, table[_i].seen, table[_i].other);

	ck_assert_msg(r.holds == table[_i].holds, "%s %s, of %s, other %s: got %d, not %d",
	              matcher_names[table[_i].matcher], table[_i].value,
	              table[_i].seen ? table[_i].seen : "nothing",
	              table[_i].other ? table[_i].other : "nothing", r.holds, table[_i].holds);
	expect_result_clear(&r);
}
END_TEST

START_TEST(every_matcher_is_in_the_table)
{
	unsigned seen[MATCHERS][3] = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		seen[table[i].matcher][table[i].holds]++;
	for (int m = 0; m < MATCHERS; m++)
		for (int h = HOLDS; h <= UNKNOWN; h++)
			ck_assert_msg(seen[m][h], "%s is never seen to be %d", matcher_names[m], h);
}
END_TEST

static void check_texts(enum matcher m, const char *value, const char *seen, const char *other,
                        const char *observed, const char *expected)
{
	struct expect_result r = check(m, value, seen, other);

	ck_assert_str_eq(r.observed, observed);
	ck_assert_str_eq(r.expected, expected);
	expect_result_clear(&r);
}

START_TEST(texts_are_for_people)
{
	check_texts(MATCH_EQUALS, "7", "8", NULL, "8", "7");
	check_texts(MATCH_EQUALS, "7", "\"x\"", NULL, "a string: \"x\"", "a number");
	check_texts(MATCH_EMPTY, "true", "7", NULL, "a number: 7", "a list");
	check_texts(MATCH_EMPTY, "false", "null", NULL, "null", "a list");
	check_texts(MATCH_EMPTY, "true", NULL, NULL, "seen was not observed", "empty");
	check_texts(MATCH_INCLUDES, "[\"a\",\"b\"]", "[\"b\"]", NULL, "[\"b\"]",
	            "all of [\"a\",\"b\"]; [\"a\"] is not there");
	check_texts(MATCH_EXCLUDES, "[1,2]", "[2]", NULL, "[2]", "none of [1,2]; [2] is there");
	check_texts(MATCH_AT_MOST, "7", "8", NULL, "8", "at most 7");
	check_texts(MATCH_SAME_AS, "\"other\"", "[1,2]", "[3]", "[1,2]", "the same as other: [3]");
	check_texts(MATCH_AS_WITHOUT_MODULE, "true", "1", "7", "1",
	            "the same as without the module: 7");
	check_texts(MATCH_AS_WITHOUT_MODULE, "true", "1", NULL,
	            "seen was not observed without the module", "the same as without the module");
}
END_TEST

START_TEST(what_is_missing_is_named)
{
	struct expect_result r = check(MATCH_AS_WITHOUT_MODULE, "true", "7", NULL);

	ck_assert_str_eq(r.missing, "seen");
	ck_assert(r.missing_in_control);
	expect_result_clear(&r);
	r = check(MATCH_SAME_AS, "\"other\"", "7", NULL);
	ck_assert_str_eq(r.missing, "other");
	ck_assert(!r.missing_in_control);
	expect_result_clear(&r);
}
END_TEST

START_TEST(nothing_observed_at_all)
{
	char that[] = "seen";
	cleanup_json json_t *value = json_true();
	struct expectation x = {.that = that, .matcher = MATCH_AS_WITHOUT_MODULE, .value = value};
	struct expect_result r;

	ck_assert_int_eq(expect_check(&x, NULL, NULL, &r), 0);
	ck_assert_int_eq(r.holds, UNKNOWN);
	expect_result_clear(&r);
}
END_TEST

START_TEST(long_values_are_cut)
{
	cleanup_free char *whole = NULL, *cut = NULL, *between = NULL;
	cleanup_json json_t *value = NULL;
	char text[1001];

	memset(text, 'x', 1000);
	text[298] = '\0';
	value = json_string(text);
	whole = expect_value_text(value);
	ck_assert_uint_eq(strlen(whole), 300);
	text[298] = 'x';
	text[1000] = '\0';
	json_decref(value);
	value = json_string(text);
	cut = expect_value_text(value);
	ck_assert_str_eq(cut + 300, "... (702 bytes more)");
	/* a character of two bytes right at the cut is left out whole */
	memcpy(text + 298, "\xc3\xa4", 2);
	json_decref(value);
	value = json_string(text);
	between = expect_value_text(value);
	ck_assert_str_eq(between + 299, "... (703 bytes more)");
}
END_TEST

Suite *suite_expect(void)
{
	Suite *s = suite_create("expect");
	TCase *t = tcase_create("expect");

	tcase_add_loop_test(t, every_matcher_both_ways, 0, sizeof(table) / sizeof(*table));
	tcase_add_test(t, every_matcher_is_in_the_table);
	tcase_add_test(t, texts_are_for_people);
	tcase_add_test(t, what_is_missing_is_named);
	tcase_add_test(t, nothing_observed_at_all);
	tcase_add_test(t, long_values_are_cut);
	suite_add_tcase(s, t);
	return s;
}
