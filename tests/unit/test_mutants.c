/* The matrix of fixtures and scenarios: two fixtures, three scenarios, and what can be wrong. */
#include <check.h>

#include <stdio.h>
#include <string.h>

#include "../../reports/mutants_table.h"
#include "cleanup.h"
#include "mutants.h"

Suite *suite_mutants(void);

static char *sudo_only[] = {"sudo"};
static struct scenario alpha = {.name = "alpha", .group = "proc", .scope = SCOPE_MUST};
static struct scenario beta = {.name = "beta", .group = "host", .scope = SCOPE_MASK};
static struct scenario cost = {
    .name = "cost", .group = "cost", .scope = SCOPE_INFO, .entries = sudo_only, .entries_count = 1};
static struct scenario *const scenarios[] = {&alpha, &beta, &cost};

static struct catcher by_alpha[] = {{"alpha", NULL}};
static struct catcher by_beta[] = {{"beta", "sshd"}};
static struct fixture base = {.name = "base"};
static struct fixture one = {.name = "one", .catchers = by_alpha, .caught_by_count = 1};
static struct fixture two = {.name = "two", .catchers = by_beta, .caught_by_count = 1};
static struct fixture *const fixtures[] = {&base, &one, &two};

static struct mutants m;
static json_t *cases;
static struct mutants_result r;

static void set_up(void)
{
	m = (struct mutants){
	    .fixtures = fixtures, .n_fixtures = 3, .scenarios = scenarios, .n_scenarios = 3};
	cases = json_array();
	r = (struct mutants_result){0};
}

static void tear_down(void)
{
	mutants_result_clear(&r);
	json_decref(cases);
}

static void add(const char *module, const char *scenario, const char *entry, const char *verdict)
{
	json_array_append_new(cases, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o}", "type",
	                                       "case", "module", module, "scenario", scenario,
	                                       "entry", entry, "verdict", verdict, "line", 9, "id",
	                                       json_sprintf("%s/%s/%s", module, entry, scenario)));
}

/* Everything is as it should be. */
static void add_whole(void)
{
	add("pam_pidns", "alpha", "su", "pass");
	add("fixture:base", "alpha", "su", "pass");
	add("fixture:base", "beta", "sshd", "pass");
	add("fixture:one", "alpha", "su", "fail");
	add("fixture:one", "beta", "su", "pass");
	add("fixture:two", "alpha", "su", "pass");
	add("fixture:two", "beta", "su", "pass");
	add("fixture:two", "beta", "sshd", "warn");
	add("fixture:two", "cost", "sudo", "info");
}

static void judge(bool whole)
{
	mutants_result_clear(&r);
	mutants_judge(&m, cases, whole, &r);
}

static void check_one(const json_t *list, const char *text)
{
	ck_assert_uint_eq(json_array_size(list), 1);
	ck_assert_str_eq(json_string_value(json_array_get(list, 0)), text);
}

START_TEST(a_whole_matrix_has_no_hole)
{
	add_whole();
	judge(true);
	ck_assert_int_eq(mutants_exit(&r), EXIT_HOLDS);
}
END_TEST

START_TEST(one_of_several_schedules_is_enough)
{
	add_whole();
	add("fixture:one", "alpha", "su", "pass");
	judge(true);
	ck_assert_int_eq(mutants_exit(&r), EXIT_HOLDS);
}
END_TEST

START_TEST(a_fixture_that_gets_away)
{
	add("fixture:one", "alpha", "su", "pass");
	add("fixture:one", "beta", "su", "fail"); /* not by what it names */
	judge(false);
	check_one(r.uncaught, "one: alpha says pass");
	ck_assert_int_eq(mutants_exit(&r), EXIT_BROKEN);
}
END_TEST

START_TEST(the_entry_that_is_named_has_to_catch)
{
	add("fixture:two", "beta", "su", "fail");
	judge(false);
	check_one(r.uncaught, "two: beta@sshd was not run");
}
END_TEST

START_TEST(a_fixture_that_was_not_run)
{
	add("fixture:one", "alpha", "su", "fail");
	judge(false);
	ck_assert_int_eq(mutants_exit(&r), EXIT_HOLDS);
	judge(true);
	check_one(r.uncaught, "two: beta@sshd was not run");
}
END_TEST

START_TEST(modules_that_are_right_trip_on_nothing)
{
	add_whole();
	add("fixture:base", "beta", "su", "warn");
	judge(true);
	check_one(r.false_alarms, "fixture:base/su/beta");
	add("pam_pidns", "cost", "sudo", "fail");
	judge(true);
	ck_assert_uint_eq(json_array_size(r.false_alarms), 2);
	ck_assert_int_eq(mutants_exit(&r), EXIT_BROKEN);
}
END_TEST

START_TEST(the_base_trips_on_the_masks_that_it_names)
{
	static const char *const scopes[] = {"mask", "must"};

	base.catchers = by_beta;
	base.caught_by_count = 1;
	for (size_t i = 0; i < 2; i++) {
		json_array_clear(cases);
		add("fixture:base", "beta", "sshd", "fail");
		json_object_set_new(json_array_get(cases, 0), "scope", json_string(scopes[i]));
		judge(false);
		ck_assert_uint_eq(json_array_size(r.false_alarms), i);
		ck_assert_uint_eq(json_array_size(r.uncaught), 0);
	}
	json_array_clear(cases);
	add("fixture:base", "beta", "sshd", "pass");
	judge(false);
	check_one(r.uncaught, "base: beta@sshd says pass");
	base.caught_by_count = 0;
}
END_TEST

START_TEST(a_scenario_that_never_trips_is_a_hole)
{
	static const struct unbreakable excused[] = {{(char *)"beta", (char *)"because"}};

	add("fixture:one", "alpha", "su", "fail");
	judge(true);
	check_one(r.holes, "beta"); /* and not the one of scope info */
	judge(false);
	ck_assert_uint_eq(json_array_size(r.holes), 0);
	m.unbreakable = excused;
	m.n_unbreakable = 1;
	judge(true);
	ck_assert_uint_eq(json_array_size(r.holes), 0);
	add("fixture:two", "beta", "sshd", "warn");
	judge(true);
	check_one(r.outdated, "beta");
	ck_assert_int_eq(mutants_exit(&r), EXIT_BROKEN);
}
END_TEST

START_TEST(a_session_that_never_ran_does_not_show_that_a_scenario_bites)
{
	add_whole();
	beta.line = 9; /* where all cases say that they failed */
	judge(true);
	beta.line = 0;
	check_one(r.holes, "beta");
}
END_TEST

START_TEST(what_was_skipped_needs_another_kernel)
{
	cleanup_json json_t *names = NULL;

	add("fixture:one", "alpha", "su", "skip");
	add("fixture:one", "beta", "su", "skip");
	add("fixture:two", "beta", "su", "fail");
	add("fixture:two", "cost", "sudo", "skip");
	names = mutants_skipped(&m, cases);
	check_one(names, "alpha");
}
END_TEST

START_TEST(what_a_fixture_names_has_to_be_a_scenario)
{
	static struct catcher unknown[] = {{(char *)"alhpa", NULL}};
	cleanup_err struct err *e = NULL;

	ck_assert_int_eq(mutants_check_names(&m, &e), 0);
	two.catchers = unknown;
	two.path = (char *)"two.yaml";
	ck_assert_int_eq(mutants_check_names(&m, &e), -1);
	two.catchers = by_beta;
	ck_assert_str_eq(e->msg, "two.yaml: there is no scenario 'alhpa'; did you mean 'alpha'?");
}
END_TEST

START_TEST(what_is_undecided_is_no_answer)
{
	add("fixture:one", "alpha", "su", "inconclusive");
	add("fixture:base", "alpha", "su", "error");
	judge(false);
	ck_assert_uint_eq(json_array_size(r.undecided), 2);
	ck_assert_int_eq(mutants_exit(&r), EXIT_LAB);
}
END_TEST

START_TEST(what_belongs_to_the_matrix)
{
	ck_assert_str_eq(mutants_entry(&alpha), "su");
	ck_assert_str_eq(mutants_entry(&cost), "sudo");
	ck_assert(mutants_wants(&m, "fixture:one", &alpha, "su"));
	ck_assert(mutants_wants(&m, "fixture:one", &beta, "su"));
	ck_assert(!mutants_wants(&m, "fixture:one", &beta, "sshd"));
	ck_assert(mutants_wants(&m, "fixture:two", &beta, "sshd"));
	ck_assert(!mutants_wants(&m, "fixture:two", &beta, "login"));
	/* a module that is right goes wherever a fixture is caught */
	ck_assert(mutants_wants(&m, "pam_pidns", &beta, "sshd"));
	ck_assert(mutants_wants(&m, "fixture:base", &beta, "sshd"));
	m.named_only = true;
	ck_assert(mutants_wants(&m, "fixture:one", &alpha, "su"));
	ck_assert(!mutants_wants(&m, "fixture:one", &beta, "su"));
	ck_assert(mutants_wants(&m, "fixture:base", &beta, "sshd"));
	ck_assert(!mutants_wants(&m, "fixture:base", &beta, "su"));
}
END_TEST

START_TEST(the_table_shows_the_worst_of_a_cell)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	add_whole();
	judge(true);
	print_mutants(out, &m, cases, &r);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "pam_pidns    .  \n"));
	ck_assert_ptr_nonnull(strstr(text, "fixture:one  F."));
	ck_assert_ptr_nonnull(strstr(text, "fixture:two  .wi"));
	ck_assert_ptr_nonnull(strstr(text, "  2  host         mask  beta\n"));
	ck_assert_ptr_nonnull(strstr(text, "9 cases, 4 modules, 3 scenarios: no hole\n"));
	free(text);
}
END_TEST

START_TEST(bundled_list_of_unbreakable_scenarios_loads)
{
	cleanup_err struct err *e = NULL;
	struct unbreakable *list;
	size_t n;

	ck_assert_msg(unbreakable_load("scenarios/unbreakable.yaml", &list, &n, &e) == 0, "%s",
	              e ? e->msg : "");
	unbreakable_free(list, n);
}
END_TEST

Suite *suite_mutants(void)
{
	Suite *s = suite_create("mutants");
	TCase *t = tcase_create("mutants");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_whole_matrix_has_no_hole);
	tcase_add_test(t, one_of_several_schedules_is_enough);
	tcase_add_test(t, a_fixture_that_gets_away);
	tcase_add_test(t, the_entry_that_is_named_has_to_catch);
	tcase_add_test(t, a_fixture_that_was_not_run);
	tcase_add_test(t, modules_that_are_right_trip_on_nothing);
	tcase_add_test(t, the_base_trips_on_the_masks_that_it_names);
	tcase_add_test(t, a_scenario_that_never_trips_is_a_hole);
	tcase_add_test(t, a_session_that_never_ran_does_not_show_that_a_scenario_bites);
	tcase_add_test(t, what_was_skipped_needs_another_kernel);
	tcase_add_test(t, what_a_fixture_names_has_to_be_a_scenario);
	tcase_add_test(t, what_is_undecided_is_no_answer);
	tcase_add_test(t, what_belongs_to_the_matrix);
	tcase_add_test(t, the_table_shows_the_worst_of_a_cell);
	tcase_add_test(t, bundled_list_of_unbreakable_scenarios_loads);
	suite_add_tcase(s, t);
	return s;
}
