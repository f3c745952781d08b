#include <check.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "comparing.h"
#include "comparison.h"
#include "golden.h"
#include "suites.h"
#include "synthetic.h"

/* What a change of verdict is called, and whether it fails the gate. */
static const struct {
	const char *was, *is, *kind;
	bool regression;
} changes[] = {
    {"pass", "pass", "", false},
    {"pass", "fail", "new-failure", true},
    {"fail", "fail", "", false},
    {"fail", "pass", "fixed", false},
    {"pass", "warn", "worse", true},
    {"warn", "fail", "new-failure", true},
    {"warn", "pass", "fixed", false},
    {"fail", "warn", "better", false},
    {"pass", "error", "undecided", true},
    {"fail", "inconclusive", "undecided", true},
    {"error", "error", "undecided", true},
    {"inconclusive", "inconclusive", "", false},
    {"inconclusive", "pass", "decided", false},
    {"error", "fail", "new-failure", true},
    {"pass", "skip", "not-judged", true},
    {"fail", "skip", "not-judged", true},
    {"skip", "skip", "", false},
    {"skip", "pass", "judged", false},
    {"skip", "fail", "new-failure", true},
    {"info", "info", "", false},
    {"pass", "no such verdict", "undecided", true},
    {"", "pass", "new-case", false},
    {"", "fail", "new-failure", true},
    {"", "error", "new-case", true},
    {"pass", "", "missing", true},
};

START_TEST(verdicts_are_told_apart)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	synthetic_begin(&base, NULL);
	synthetic_begin(&now, NULL);
	if (*changes[_i].was)
		synthetic_case(&base, "x", changes[_i].was, NULL);
	if (*changes[_i].is)
		synthetic_case(&now, "x", changes[_i].is, NULL);
	c = compare(&base, &now);
	ck_assert_str_eq(finding(c, 0, "kind"), changes[_i].kind);
	ck_assert_int_eq(regressions(c), changes[_i].regression);
	ck_assert_int_eq(compare_status(c), changes[_i].regression ? EXIT_BROKEN : EXIT_HOLDS);
	if (*changes[_i].kind)
		ck_assert_str_eq(finding(c, 0, "case"), "m/su/x@i+k#0:0");
}
END_TEST

START_TEST(a_contracts_known_failures_are_its_business)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	synthetic_begin(&base, NULL);
	synthetic_case(&base, "x", "pass", NULL);
	synthetic_case(&base, "y", "fail", NULL);
	synthetic_begin(&now, NULL);
	synthetic_case(&now, "x", "fail", "\"known\":true");
	synthetic_case(&now, "y", "pass", "\"known\":true");
	c = compare(&base, &now);
	ck_assert_uint_eq(findings(c), 1);
	ck_assert_str_eq(finding(c, 0, "kind"), "known-passes");
	ck_assert_int_eq(regressions(c), 1);
}
END_TEST

START_TEST(missing_cases_may_be_allowed)
{
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	synthetic_begin(&base, NULL);
	synthetic_case(&base, "x", "pass", NULL);
	synthetic_begin(&now, NULL);
	rules.allow_missing = true;
	c = compare(&base, &now);
	ck_assert_str_eq(finding(c, 0, "kind"), "missing");
	ck_assert_int_eq(regressions(c), 0);
}
END_TEST

static const struct {
	const char *was, *is, *named;
	bool refused;
} identities[] = {
    {"\"accel\":\"tcg\"", "\"accel\":\"kvm\"", "accelerator: tcg in the base, kvm in the new",
     true},
    {"\"image\":\"j\"", "\"image\":\"l\"", "image: j in the base, l in the new one", true},
    {"\"kernel_hash\":\"bb\"", "\"kernel_hash\":\"cc\"", "content of the kernel: bb", true},
    {"\"strict\":false", "\"strict\":true", "--strict: false in the base, true", true},
    {"\"format\":1", "\"format\":0", "format of the event log: 1 in the base, 0", true},
    {"\"template\":\"a\",\"booted\":\"x\"", "\"template\":\"b\",\"booted\":\"y\"",
     "template: a in the base, b in the new one: costs may differ by some microseconds", false},
    {"\"booted\":\"x\"", "\"booted\":\"y\"", "booting of the template", false},
    {"\"qemu\":\"7\"", "\"qemu\":\"8\"", "QEMU: 7 in the base, 8 in the new one", false},
};

START_TEST(what_is_of_something_else_is_refused)
{
	cleanup_results struct results was = {0}, is = {0};
	cleanup_err struct err *e = NULL;
	cleanup_json json_t *c = NULL;
	struct synthetic base, now;
	const char *note;

	/* of a key that is there twice the last one counts */
	synthetic_begin(&base, identities[_i].was);
	synthetic_begin(&now, identities[_i].is);
	synthetic_read(&base, &was);
	synthetic_read(&now, &is);
	c = compare_results(&was, &is, &rules, &e);
	if (identities[_i].refused) {
		ck_assert_ptr_null(c);
		ck_assert_int_eq(e->status, EXIT_USAGE);
		ck_assert_msg(strstr(e->msg, identities[_i].named) != NULL, "%s", e->msg);
		return;
	}
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(compare_status(c), EXIT_HOLDS);
	note = json_string_value(json_array_get(json_object_get(c, "notes"), 0));
	ck_assert_msg(note && strstr(note, identities[_i].named), "%s", note);
	note = json_string_value(json_array_get(json_object_get(c, "notes"), 1));
	ck_assert_msg(note && strstr(note, "no end line"), "%s", note);
}
END_TEST

START_TEST(whole_lines_of_a_damaged_log_are_used)
{
	struct synthetic base, now;
	cleanup_results struct results was = {0}, is = {0};
	cleanup_json json_t *c = NULL, *notes;
	cleanup_free char *text = NULL;

	synthetic_begin(&base, NULL);
	synthetic_case(&base, "x", "pass", NULL);
	synthetic_case(&base, "y", "pass", NULL);
	synthetic_end(&base);
	synthetic_read(&base, &was);
	synthetic_begin(&now, NULL);
	synthetic_add(&now, "{\"type\":\"ca\n");
	synthetic_case(&now, "x", "fail", NULL);
	synthetic_add(&now, "{\"type\":\"case\",\"id\":\"m/su/y@");
	synthetic_read(&now, &is);
	c = compare_results(&was, &is, &rules, NULL);
	notes = json_incref(json_object_get(c, "notes"));
	text = json_dumps(notes, 0);
	ck_assert_msg(strstr(text, "line 2 cannot be read and is not used") &&
	                  strstr(text, "the last line is cut off") && strstr(text, "no end line") &&
	                  strstr(text, "1 different cases are in it, of 3 planned"),
	              "%s", text);
	ck_assert_uint_eq(findings(c), 2);
	ck_assert_str_eq(finding(c, 0, "kind"), "new-failure");
	ck_assert_str_eq(finding(c, 1, "kind"), "missing");
	json_decref(notes);
}
END_TEST

START_TEST(repetitions_are_one_case_with_the_worst_verdict)
{
	cleanup_results struct results r = {0};
	struct synthetic s;

	synthetic_begin(&s, "\"accel\":\"kvm\"");
	synthetic_case(&s, "x", "pass", "\"accel\":\"kvm\",\"cost\":{\"total_ns\":5}");
	synthetic_case(&s, "x", "fail", "\"accel\":\"kvm\",\"cost\":{\"total_ns\":6}");
	synthetic_case(&s, "x", "pass", "\"accel\":\"kvm\",\"cost\":{\"total_ns\":7}");
	synthetic_read(&s, &r);
	ck_assert_uint_eq(r.n_cases, 1);
	ck_assert_int_eq(r.cases[0].verdict, VERDICT_FAIL);
	ck_assert_uint_eq(json_object_size(r.cases[0].cost), 0);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(r.cases[0].samples, "total_ns by the host's clock")),
	    3);
	ck_assert_ptr_eq(results_find(&r, "m/su/x@i+k#0:0"), &r.cases[0]);
	ck_assert_ptr_null(results_find(&r, "m/su/y@i+k#0:0"));
}
END_TEST

START_TEST(a_name_has_no_stage)
{
	cleanup_results struct results r = {0};

	ck_assert_str_eq(results_add(&r, "a/b~c/su~first-shared/x@i+k#0:0")->name, "a/b~c/su/x");
	ck_assert_str_eq(results_add(&r, "m/su/x~y@i+k#0:0")->name, "m/su/x~y");
	ck_assert_str_eq(results_add(&r, "m~")->name, "m~");
	ck_assert_str_eq(results_add(&r, "~/~")->name, "~/~");
	ck_assert_str_eq(results_add(&r, "")->name, "");
}
END_TEST

/* Findings of every sort, and names that nobody would choose. */
START_TEST(formats_are_as_they_were)
{
	static const char *const golden[] = {"compare.text", "compare.json", "compare.github",
	                                     "compare.markdown"};
	struct synthetic base, now;
	cleanup_json json_t *c = NULL;

	synthetic_begin(&base, "\"accel\":\"tcg\",\"qemu\":\"7\"");
	synthetic_case(&base, "a", "pass", NULL);
	synthetic_case(&base, "b", "fail", NULL);
	synthetic_case(&base, "<script>|`%,:\\u001b[2J\\n::error::\\u0000", "pass", NULL);
	synthetic_case(&base, "gone", "pass", NULL);
	synthetic_cost(&base, "dear", 100, 200, 300);
	synthetic_cost(&base, "near", 100, 200, 3000);
	synthetic_cost(&base, "cheap", 100, 200, 300);
	synthetic_begin(&now, "\"accel\":\"tcg\",\"qemu\":\"8\"");
	synthetic_case(&now, "a", "fail", NULL);
	synthetic_case(&now, "b", "pass", NULL);
	synthetic_case(&now, "<script>|`%,:\\u001b[2J\\n::error::\\u0000", "fail", NULL);
	synthetic_case(&now, "new", "pass", NULL);
	synthetic_cost(&now, "dear", 190, 200, 390);
	synthetic_cost(&now, "near", 101, 200, 3001);
	synthetic_cost(&now, "cheap", 90, 200, 290);
	c = compare(&base, &now);
	json_object_del(c, "version");
	for (size_t i = 0; comparison_formats[i]; i++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		comparison_writer(comparison_formats[i])(out, c);
		fclose(out);
		ck_assert_uint_eq(strlen(text), len);
		check_golden(golden[i], text);
		free(text);
	}
	ck_assert_ptr_null(comparison_writer("html"));
}
END_TEST

Suite *suite_compare(void)
{
	Suite *s = suite_create("compare");
	TCase *t = tcase_create("compare");

	tcase_add_checked_fixture(t, comparing_set_up, comparing_tear_down);
	tcase_add_loop_test(t, verdicts_are_told_apart, 0, sizeof(changes) / sizeof(*changes));
	tcase_add_test(t, a_contracts_known_failures_are_its_business);
	tcase_add_test(t, missing_cases_may_be_allowed);
	tcase_add_loop_test(t, what_is_of_something_else_is_refused, 0,
	                    sizeof(identities) / sizeof(*identities));
	tcase_add_test(t, whole_lines_of_a_damaged_log_are_used);
	tcase_add_test(t, repetitions_are_one_case_with_the_worst_verdict);
	tcase_add_test(t, a_name_has_no_stage);
	tcase_add_test(t, formats_are_as_they_were);
	suite_add_tcase(s, t);
	return s;
}
