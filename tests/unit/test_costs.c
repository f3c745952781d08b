#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "comparing.h"
#include "suites.h"
#include "synthetic.h"

/* The greatest integer with which a product in 64 bits, or a double, goes wrong. */
static const struct {
	const char *limit;
	long long base, now;
	bool regression;
} costs[] = {
    {"+0.5%", 8000000, 8040000, false},
    {"+0.5%", 8000000, 8040001, true},
    {"+0.5%", 7931226, 7970882, false}, /* 7970882.13 */
    {"+0.5%", 7931226, 7970883, true},
    {"0%", 1000, 1000, false},
    {"0%", 1000, 1001, true},
    {"+0.1%", 1000, 1001, false}, /* 1.001 * 1000 is more than 1001 in binary */
    {"+0.1%", 1000, 1002, true},
    {"+0.000001%", 100000000, 100000001, false},
    {"+0.000001%", 100000000, 100000002, true},
    {"+1000%", 9223372036854775807LL, 9223372036854775807LL, false},
    {"+0.5%", 9007199254740993LL, 9052235251014697LL, false},
    {"+0.5%", 9007199254740993LL, 9052235251014698LL, true},
    {"+0.5%", 0, 1, true},
    {"+0.5%", 100, 50, false},
    {"none", 100, 1000, false},
};

START_TEST(costs_are_exact)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	cost_limits_clear(&rules.limits);
	ck_assert_int_eq(cost_limits_add(&rules.limits, costs[_i].limit, NULL), 0);
	synthetic_begin(&base, NULL);
	synthetic_cost(&base, "x", 1, 2, costs[_i].base);
	synthetic_begin(&now, NULL);
	synthetic_cost(&now, "x", 1, 2, costs[_i].now);
	c = compare(&base, &now);
	ck_assert_int_eq(regressions(c), costs[_i].regression);
	ck_assert_uint_eq(findings(c), costs[_i].base != costs[_i].now);
}
END_TEST

START_TEST(a_cost_names_case_amount_and_phase)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;
	json_t *f;

	synthetic_begin(&base, NULL);
	synthetic_cost(&base, "x", 6000000, 1200000, 8000000);
	synthetic_begin(&now, NULL);
	synthetic_cost(&now, "x", 6050000, 1200010, 8050010);
	c = compare(&base, &now);
	f = json_array_get(json_object_get(c, "findings"), 0);
	ck_assert_str_eq(finding(c, 0, "kind"), "cost");
	ck_assert_str_eq(finding(c, 0, "phase"), "total_ns");
	ck_assert_str_eq(
	    finding(c, 0, "text"),
	    "total_ns 8,000,000 to 8,050,010 ns (+50,010 ns, +0.6252 %), with +0.5% at "
	    "most 8,040,000 ns; phases: enter_ns 6,000,000 to 6,050,000 ns (+50,000 "
	    "ns, +0.8334 %), leave_ns 1,200,000 to 1,200,010 ns (+10 ns, +0.0009 %)");
	ck_assert_int_eq(json_integer_value(json_object_get(f, "allowed")), 8040000);
}
END_TEST

START_TEST(phases_have_limits_of_their_own)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	ck_assert_int_eq(cost_limits_add(&rules.limits, "auth=+1%", NULL), 0);
	synthetic_begin(&base, NULL);
	synthetic_case(&base, "x", "pass",
	               "\"cost\":{\"total_ns\":90000,\"phases\":{\"auth\":100}}");
	synthetic_begin(&now, NULL);
	synthetic_case(&now, "x", "pass",
	               "\"cost\":{\"total_ns\":90002,\"phases\":{\"auth\":102}}");
	c = compare(&base, &now);
	ck_assert_uint_eq(findings(c), 1);
	ck_assert_int_eq(regressions(c), 1);
	ck_assert_str_eq(finding(c, 0, "phase"), "auth");
}
END_TEST

START_TEST(costs_of_another_course_are_not_compared)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	synthetic_begin(&base, NULL);
	synthetic_case(&base, "x", "fail", "\"cost\":{\"total_ns\":100}");
	synthetic_begin(&now, NULL);
	synthetic_cost(&now, "x", 1, 1, 900);
	c = compare(&base, &now);
	ck_assert_uint_eq(findings(c), 1);
	ck_assert_str_eq(finding(c, 0, "kind"), "fixed");
}
END_TEST

/* Three cases of one login, one of another; the same two alone; a login shared with others. */
START_TEST(a_shared_login_is_told_once)
{
	static const char *const shared = "\"run\":\"m/su/shared-1\",\"cost\":{\"total_ns\":100}";
	static const char *const dearer = "\"run\":\"m/su/shared-1\",\"cost\":{\"total_ns\":200}";
	static const char *const others = "\"run\":\"m/su/shared-2\",\"cost\":{\"total_ns\":300}";
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;
	const char *note;

	synthetic_begin(&base, NULL);
	synthetic_case(&base, "a", "pass", shared);
	synthetic_case(&base, "b", "pass", shared);
	synthetic_case(&base, "c", "pass", shared);
	synthetic_begin(&now, NULL);
	synthetic_case(&now, "a", "pass", dearer);
	synthetic_case(&now, "b", "pass", dearer);
	synthetic_case(&now, "c", "pass", others);
	c = compare(&base, &now);
	ck_assert_uint_eq(findings(c), 1);
	ck_assert_str_eq(finding(c, 0, "case"), "m/su/a@i+k#0:0");
	ck_assert_str_eq(finding(c, 0, "login"), "m/su/shared-1");
	note = json_string_value(json_array_get(json_object_get(c, "notes"), 0));
	ck_assert_msg(note && strstr(note, "costs of 1 cases are not compared"), "%s", note);
}
END_TEST

START_TEST(limits_are_read)
{
	static const char *const bad[] = {
	    "",      "+",           "5",    "%",       "-1%",   "+0.5",
	    "0.5 %", "1.%",         ".5%",  "1001%",   "=1%",   "x=",
	    "1e2%",  "+0.1234567%", "++1%", "1000.5%", "nones", "99999999999999999999%"};
	cleanup_err struct err *e = NULL;
	char *text;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(cost_limits_add(&rules.limits, bad[i], &e) < 0, "%s", bad[i]);
		ck_assert_int_eq(e->status, EXIT_USAGE);
		err_free(&e);
	}
	ck_assert_int_eq(cost_limits_add(&rules.limits, "total_ns=2%", &e), 0);
	ck_assert_int_eq(cost_allowed(cost_limit_of(&rules.limits, "total_ns"), 100), 102);
	ck_assert_ptr_null(cost_limit_of(&rules.limits, "enter_ns"));
	text = cost_percent(3, 2);
	ck_assert_str_eq(text, "-33.3334 %");
	free(text);
	text = cost_text(-1234567);
	ck_assert_str_eq(text, "-1,234,567");
	free(text);
}
END_TEST

Suite *suite_costs(void)
{
	Suite *s = suite_create("costs");
	TCase *t = tcase_create("costs");

	tcase_add_checked_fixture(t, comparing_set_up, comparing_tear_down);
	tcase_add_loop_test(t, costs_are_exact, 0, sizeof(costs) / sizeof(*costs));
	tcase_add_test(t, a_cost_names_case_amount_and_phase);
	tcase_add_test(t, phases_have_limits_of_their_own);
	tcase_add_test(t, costs_of_another_course_are_not_compared);
	tcase_add_test(t, a_shared_login_is_told_once);
	tcase_add_test(t, limits_are_read);
	suite_add_tcase(s, t);
	return s;
}
