#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cleanup.h"
#include "compare.h"
#include "golden.h"
#include "scratch.h"
#include "suites.h"
#include "synthetic.h"

static void make(struct results *r)
{
	struct synthetic s;

	synthetic_begin(&s, "\"accel\":\"tcg\",\"qemu\":\"7\",\"template\":\"t\",\"booted\":\"b\"");
	synthetic_case(&s, "z", "fail", "\"known\":true");
	synthetic_case(&s, "b\\\"\\u001b\\n", "pass", NULL);
	synthetic_cost(&s, "a", 1, 2, 3);
	synthetic_end(&s);
	synthetic_read(&s, r);
}

START_TEST(a_baseline_is_read_as_it_was_written)
{
	cleanup_results struct results r = {0}, back = {0};
	struct compare_rules rules = {.wall_alpha = WALL_ALPHA_DEFAULT};
	cleanup_json json_t *c = NULL;
	cleanup_free char *text = NULL, *again = NULL;

	make(&r);
	text = baseline_text(&r, NULL);
	ck_assert_ptr_nonnull(text);
	check_golden("baseline.json", text);
	ck_assert(baseline_is_one(text, strlen(text)));
	scratch_write("base.json", text, strlen(text), 0644);
	ck_assert_int_eq(results_read(scratch("base.json"), &back, NULL), 0);
	ck_assert(back.baseline);
	c = compare_results(&back, &r, &rules, NULL);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(json_array_size(json_object_get(c, "findings")), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(c, "notes")), 0);
	again = baseline_text(&back, NULL);
	ck_assert_str_eq(text, again);
}
END_TEST

/* Logs that say too little to be measured by. */
static const struct {
	const char *add, *named;
} unfit[] = {
    {"", "no end line"},
    {"{\n{\"type\":\"end\"}\n", "line 3 cannot be read"},
    {"{\"type\":\"end\",\"interrupted\":true}\n", "interrupted"},
    {"{\"type\":\"case\",\"id\":\"m/su/e@\",\"verdict\":\"error\"}\n{\"type\":\"end\"}\n",
     "the lab could not run m/su/e@"},
};

START_TEST(unfit_logs_make_none)
{
	cleanup_results struct results r = {0};
	cleanup_err struct err *e = NULL;
	struct synthetic s;

	synthetic_begin(&s, NULL);
	synthetic_case(&s, "a", "pass", NULL);
	synthetic_add(&s, unfit[_i].add);
	synthetic_read(&s, &r);
	ck_assert_ptr_null(baseline_text(&r, &e));
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, unfit[_i].named) != NULL, "%s", e->msg);
}
END_TEST

static const struct {
	const char *text, *named;
} bad[] = {
    {"{\"baseline\":2,\"cases\":{}}", "version 2 of the format; this pamlab reads 1"},
    {"{\"baseline\":\"1\",\"cases\":{}}", "no \"baseline\": 1"},
    {"{\"baseline\":1}", "it has no \"cases\""},
    {"{\"baseline\":1,\n\"cases\":{", ":2: this baseline is damaged"},
    {"{\"baseline\":1,\"cases\":{\"a\":{}}}", "a has no verdict"},
    {"{\"baseline\":1,\"cases\":{\"a\":7}}", "a has no verdict"},
    {"{\"baseline\":1,\"cases\":{\"a\\n\":{\"verdict\":\"good\"}}}", "a\\n has no verdict"},
    {"{\"baseline\":1,\"cases\":{\"a\":{\"verdict\":\"pass\",\"cost\":[]}}}", "is no object"},
    {"{\"baseline\":1,\"cases\":{\"a\":{\"verdict\":\"pass\",\"cost\":{\"x\":1.5}}}}",
     "x of a is no count"},
    {"{\"baseline\":1,\"cases\":{\"a\":{\"verdict\":\"pass\",\"cost\":{\"x\":-1}}}}",
     "x of a is no count"},
    {"{\"baseline\":1,\"cases\":{\"a\":{\"verdict\":\"pass\"},\"a\":{\"verdict\":\"fail\"}}}",
     "damaged: duplicate"},
    {"", "no \"run\" line"},
    {"hello\n", "no \"run\" line"},
};

START_TEST(bad_baselines_say_what_is_wrong)
{
	cleanup_results struct results r = {0};
	cleanup_err struct err *e = NULL;

	scratch_write("bad", bad[_i].text, strlen(bad[_i].text), 0644);
	ck_assert_int_eq(results_read(scratch("bad"), &r, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, bad[_i].named) && !strchr(e->msg, '\n'), "%s", e->msg);
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
	cleanup_results struct results r = {0}, folder = {0};
	cleanup_err struct err *e = NULL, *f = NULL;

	ck_assert_int_eq(results_read(scratch("none"), &r, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	scratch_write("empty/x", "", 0, 0644);
	ck_assert_int_eq(results_read(scratch("empty"), &folder, &f), -1);
	ck_assert_int_eq(f->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(f->msg, "events.jsonl"));
}
END_TEST

Suite *suite_baseline(void)
{
	Suite *s = suite_create("baseline");
	TCase *t = tcase_create("baseline");

	tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
	tcase_add_test(t, a_baseline_is_read_as_it_was_written);
	tcase_add_loop_test(t, unfit_logs_make_none, 0, sizeof(unfit) / sizeof(*unfit));
	tcase_add_loop_test(t, bad_baselines_say_what_is_wrong, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, what_is_not_there_is_said);
	suite_add_tcase(s, t);
	return s;
}
