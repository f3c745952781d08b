#include <check.h>

#include <string.h>

#include "catalogue.h"
#include "cleanup.h"
#include "fixtures.h"

#define DATA "tests/unit/data/catalogue/"

Suite *suite_catalogue(void);

static struct catalogue *load(const char *path)
{
	cleanup_err struct err *e = NULL;
	struct catalogue *c;

	ck_assert_msg(catalogue_load(path, &c, &e) == 0, "%s", e ? e->msg : "no message");
	return c;
}

static int load_and_drop(const char *path, struct err **e)
{
	cleanup_catalogue struct catalogue *c = NULL;

	return catalogue_load(path, &c, e);
}

/* The error of a check of good.yaml against one scenario that names these rows; NULL: none. The
 * caller frees it. */
static char *check_against(const char *const *ids, unsigned n)
{
	cleanup_catalogue struct catalogue *c = load(DATA "good.yaml");
	struct scenario s = {.name = "some", .path = "some.yaml", .line = 2};
	struct scenario *const scenarios[] = {&s};
	cleanup_err struct err *e = NULL;

	s.catalogue = (char **)ids;
	s.catalogue_count = n;
	if (catalogue_check(c, scenarios, 1, &e) == 0)
		return NULL;
	ck_assert_int_eq(e->status, EXIT_USAGE);
	return strdup(e->msg);
}

START_TEST(good_is_read_as_written)
{
	cleanup_catalogue struct catalogue *c = load(DATA "good.yaml");
	const struct catalogue_section *first = &c->sections[0];

	ck_assert_uint_eq(c->sections_count, 3);
	ck_assert_str_eq(first->title, "Calls");
	ck_assert_uint_eq(first->rows_count, 2);
	ck_assert_str_eq(first->rows[0].id, "A1.1");
	ck_assert_str_eq(first->rows[0].not_covered, "no scenario yet");
	ck_assert_int_eq(first->rows[1].scope, SCOPE_MASK);
	ck_assert_ptr_null(first->rows[1].not_covered);
	ck_assert_uint_eq(first->rows[1].line, 8);
}
END_TEST

START_TEST(bad_files_say_where_and_what)
{
	ck_assert_uint_ge(check_bad_files("catalogue", load_and_drop), 7);
}
END_TEST

START_TEST(each_row_has_a_scenario_or_a_reason)
{
	cleanup_free char *right = check_against((const char *[]){"A1.2", "C7"}, 2);
	cleanup_free char *neither = check_against((const char *[]){"A1.2"}, 1);
	cleanup_free char *both = check_against((const char *[]){"A1.2", "C7", "B1"}, 3);
	cleanup_free char *unknown = check_against((const char *[]){"A1.2", "C7", "A1.3"}, 3);

	ck_assert_ptr_null(right);
	ck_assert_str_eq(neither,
	                 DATA "good.yaml:16: no scenario names 'C7': write one, or say why "
	                      "there is none with `not-covered`");
	ck_assert_str_eq(both,
	                 DATA "good.yaml:12: 'B1' is said to be not covered, but 'some' names it");
	ck_assert_str_eq(unknown,
	                 "some.yaml:2: the catalogue, " DATA "good.yaml, has no row 'A1.3'");
}
END_TEST

START_TEST(the_bundled_one_fits_the_bundled_scenarios)
{
	cleanup_catalogue struct catalogue *c = load("scenarios/catalogue.yaml");
	cleanup_err struct err *e = NULL;
	struct scenario **list;
	size_t n;

	ck_assert_int_eq(scenarios_load_all("scenarios", &list, &n, NULL), 0);
	ck_assert_msg(catalogue_check(c, list, n, &e) == 0, "%s", e ? e->msg : "no message");
	scenarios_free(list, n);
}
END_TEST

Suite *suite_catalogue(void)
{
	Suite *s = suite_create("catalogue");
	TCase *t = tcase_create("catalogue");

	tcase_add_test(t, good_is_read_as_written);
	tcase_add_test(t, bad_files_say_where_and_what);
	tcase_add_test(t, each_row_has_a_scenario_or_a_reason);
	tcase_add_test(t, the_bundled_one_fits_the_bundled_scenarios);
	suite_add_tcase(s, t);
	return s;
}
