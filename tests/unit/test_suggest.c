#include <check.h>

#include <stdlib.h>

#include "suggest.h"

Suite *suite_suggest(void);

static const char *const names[] = {"debian12", "debian13", "su", "su-l", "sudo", "login", NULL};

static const struct {
	const char *word, *want;
} cases[] = {
    {"debain12", "debian12"}, /* two letters swapped */
    {"debian1", "debian12"},  /* one missing: the first of equals */
    {"debian133", "debian13"},
    {"sudo", "sudo"},
    {"suod", "sudo"},
    {"logn", "login"},
    {"xx", NULL}, /* as far from su as any other word */
    {"", NULL},
    {"fedora40", NULL},
    {"a-word-that-is-much-longer-than-every-name-could-ever-be-and-then-some", NULL},
};

START_TEST(test_nearest)
{
	const char *got = suggest(cases[_i].word, names);

	ck_assert_pstr_eq(got, cases[_i].want);
}
END_TEST

START_TEST(test_none)
{
	static const char *const none[] = {NULL};

	ck_assert_ptr_null(suggest("su", none));
}
END_TEST

Suite *suite_suggest(void)
{
	Suite *s = suite_create("suggest");
	TCase *t = tcase_create("suggest");

	tcase_add_loop_test(t, test_nearest, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, test_none);
	suite_add_tcase(s, t);
	return s;
}
