#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "fixtures.h"
#include "known.h"
#include "suites.h"
#include "synthetic.h"

#define DATA "tests/unit/data/known/"

/* 2026-12-31, its first and last second, UTC */
#define LAST_DAY_BEGINS 1798675200
#define LAST_DAY_ENDS   1798761599

static struct known_list *load(time_t now)
{
	cleanup_err struct err *e = NULL;
	struct known_list *list;

	ck_assert_msg(known_load(DATA "good.yaml", now, &list, &e) == 0, "%s", e ? e->msg : "");
	return list;
}

static int load_and_drop(const char *path, struct err **e)
{
	cleanup_known struct known_list *list = NULL;

	return known_load(path, 0, &list, e);
}

START_TEST(an_entry_counts_through_its_last_day)
{
	cleanup_known struct known_list *early = load(LAST_DAY_BEGINS);
	cleanup_known struct known_list *late = load(LAST_DAY_ENDS);
	cleanup_known struct known_list *over = load(LAST_DAY_ENDS + 1);

	ck_assert_str_eq(late->today, "2026-12-31");
	ck_assert(!known_expired(early, &early->entries[0]));
	ck_assert(!known_expired(late, &late->entries[0]));
	ck_assert(known_expired(over, &over->entries[0]));
	ck_assert(known_expired(early, &early->entries[1]));
	ck_assert_uint_eq(late->entries[0].line, 3);
}
END_TEST

START_TEST(entries_are_patterns)
{
	cleanup_known struct known_list *list = load(LAST_DAY_BEGINS);

	ck_assert_ptr_eq(known_find(list, "pam_mine/sudo-pty/process-list"), &list->entries[0]);
	ck_assert_ptr_null(known_find(list, "pam_mine/su/process-list"));
	/* the first that fits has expired, a later one has not */
	ck_assert_ptr_eq(known_find(list, "pam_mine/su/race"), &list->entries[2]);
	ck_assert_ptr_null(known_find(NULL, "pam_mine/su/race"));
}
END_TEST

START_TEST(bad_files_say_where_and_what)
{
	cleanup_known struct known_list *nothing = NULL;

	ck_assert_uint_ge(check_bad_files("known", load_and_drop), 9);
	ck_assert_int_eq(known_load(DATA "nothing.yaml", 0, &nothing, NULL), 0);
	ck_assert_uint_eq(nothing->entries_count, 0);
}
END_TEST

static struct judgement apply(time_t now, enum verdict v, const char *entry, const char *scenario)
{
	cleanup_known struct known_list *list = load(now);
	struct judgement j = {.verdict = v, .reason = strdup("it was seen")};

	known_apply(list, "pam_mine", entry, scenario, &j);
	return j;
}

START_TEST(a_run_expects_them)
{
	struct judgement fails = apply(LAST_DAY_ENDS, VERDICT_FAIL, "sudo", "process-list");
	struct judgement passes = apply(LAST_DAY_ENDS, VERDICT_PASS, "sudo", "process-list");
	struct judgement late = apply(LAST_DAY_ENDS + 1, VERDICT_FAIL, "sudo", "process-list");
	struct judgement other = apply(LAST_DAY_ENDS, VERDICT_FAIL, "su", "process-list");
	struct judgement masked = apply(LAST_DAY_ENDS, VERDICT_WARN, "sudo", "process-list");

	ck_assert(fails.known && passes.known && !late.known && !other.known && !masked.known);
	ck_assert_str_eq(fails.reason, "known failure until 2026-12-31: ticket 12");
	ck_assert_str_eq(passes.reason,
	                 "known failure passes: remove it from the list (" DATA "good.yaml:3)");
	ck_assert_str_eq(late.reason, "it was seen; that it is a known failure expired on "
	                              "2026-12-31 (" DATA "good.yaml:3: ticket 12)");
	ck_assert_str_eq(other.reason, "it was seen");
	judgement_clear(&fails);
	judgement_clear(&passes);
	judgement_clear(&late);
	judgement_clear(&other);
	judgement_clear(&masked);
}
END_TEST

/* What comparing says of a case that the list covers. */
static const struct {
	time_t now;
	const char *was, *is, *kind;
	bool regression;
} gates[] = {
    {LAST_DAY_ENDS, "pass", "fail", "known", false},
    {LAST_DAY_ENDS, "fail", "fail", "known", false},
    {LAST_DAY_ENDS, "fail", "pass", "known-passes", true},
    {LAST_DAY_ENDS, "pass", "pass", "known-passes", true},
    {LAST_DAY_ENDS + 1, "fail", "fail", "known-expired", true},
    {LAST_DAY_ENDS + 1, "fail", "pass", "known-passes", true},
    {LAST_DAY_ENDS, "", "fail", "known", false},
    {LAST_DAY_ENDS, "fail", "skip", "not-judged", true},
};

START_TEST(a_gate_expects_them)
{
	static const char yaml[] =
	    "version: 1\nknown:\n  - {case: m/su/x, reason: r, expires: "
	    "2026-12-31}\n  - {case: m/su/z, reason: r, expires: 2026-12-31}\n";
	struct compare_rules rules = {.wall_alpha = WALL_ALPHA_DEFAULT};
	char path[] = "/tmp/pamlab-known.XXXXXX";
	cleanup_results struct results was = {0}, is = {0};
	cleanup_known struct known_list *list = NULL;
	cleanup_json json_t *c = NULL;
	struct synthetic base, now;
	cleanup_free char *text = NULL;
	const json_t *f;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, yaml, sizeof(yaml) - 1), sizeof(yaml) - 1);
	close(fd);
	ck_assert_int_eq(known_load(path, gates[_i].now, &list, NULL), 0);
	unlink(path);
	rules.known = list;
	synthetic_begin(&base, NULL);
	if (*gates[_i].was)
		synthetic_case(&base, "x", gates[_i].was, NULL);
	synthetic_begin(&now, NULL);
	synthetic_case(&now, "x", gates[_i].is, NULL);
	synthetic_read(&base, &was);
	synthetic_read(&now, &is);
	c = compare_results(&was, &is, &rules, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(c, "findings")), 1);
	f = json_array_get(json_object_get(c, "findings"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(f, "kind")), gates[_i].kind);
	ck_assert_int_eq(compare_status(c), gates[_i].regression ? EXIT_BROKEN : EXIT_HOLDS);
	text = json_dumps(json_object_get(c, "notes"), 0);
	ck_assert_msg(strstr(text, ":4: no case is called m/su/z") != NULL, "%s", text);
}
END_TEST

Suite *suite_known(void)
{
	Suite *s = suite_create("known");
	TCase *t = tcase_create("known");

	tcase_add_test(t, an_entry_counts_through_its_last_day);
	tcase_add_test(t, entries_are_patterns);
	tcase_add_test(t, bad_files_say_where_and_what);
	tcase_add_test(t, a_run_expects_them);
	tcase_add_loop_test(t, a_gate_expects_them, 0, sizeof(gates) / sizeof(*gates));
	suite_add_tcase(s, t);
	return s;
}
