#include <check.h>

#include <string.h>

#include "candidate.h"
#include "cleanup.h"
#include "fixture.h"
#include "fixtures.h"
#include "scenario.h"

#define DATA "tests/unit/data/fixture/"

Suite *suite_fixture(void);

static int load_and_drop(const char *path, struct err **e)
{
	cleanup_fixture struct fixture *f = NULL;

	return fixture_load(path, &f, e);
}

START_TEST(good_is_read_as_written)
{
	cleanup_fixture struct fixture *f = NULL;

	ck_assert_int_eq(fixture_load(DATA "good.yaml", &f, NULL), 0);
	ck_assert_str_eq(f->name, "good");
	ck_assert_str_eq(f->what, "one thing is wrong");
	ck_assert_uint_eq(f->caught_by_count, 2);
	ck_assert_str_eq(f->catchers[0].scenario, "alpha");
	ck_assert_ptr_null(f->catchers[0].entry);
	ck_assert_str_eq(f->catchers[1].scenario, "beta");
	ck_assert_str_eq(f->catchers[1].entry, "sudo");
}
END_TEST

START_TEST(only_the_base_is_caught_by_nothing)
{
	ck_assert_int_eq(load_and_drop(DATA "base.yaml", NULL), 0);
}
END_TEST

START_TEST(bad_files_say_where_and_what)
{
	ck_assert_uint_eq(check_bad_files("fixture", load_and_drop), 4);
}
END_TEST

/* Those that come with the program: each names scenarios that there are, and is named in words that
 * the source has as an enumerator. */
START_TEST(bundled_fixtures_load)
{
	cleanup_err struct err *e = NULL;
	struct fixture **list;
	size_t n;

	ck_assert_msg(fixtures_load_all(&list, &n, &e) == 0, "%s", e ? e->msg : "");
	ck_assert_uint_ge(n, 40);
	ck_assert_str_eq(list[0]->name, FIXTURE_BASE);
	fixtures_free(list, n);
}
END_TEST

START_TEST(the_prefix_tells_a_fixture)
{
	ck_assert(candidate_is_fixture("fixture:base"));
	ck_assert(!candidate_is_fixture("pam_pidns"));
	ck_assert(!candidate_is_fixture("fixture"));
	ck_assert(!candidate_is_fixture("./fixture:base"));
}
END_TEST

Suite *suite_fixture(void)
{
	Suite *s = suite_create("fixtures");
	TCase *t = tcase_create("fixtures");

	tcase_add_test(t, good_is_read_as_written);
	tcase_add_test(t, only_the_base_is_caught_by_nothing);
	tcase_add_test(t, bad_files_say_where_and_what);
	tcase_add_test(t, bundled_fixtures_load);
	tcase_add_test(t, the_prefix_tells_a_fixture);
	suite_add_tcase(s, t);
	return s;
}
