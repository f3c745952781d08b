/* From an agent's timeline to phases, from a log to results, from results to tables. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_phases.h"
#include "bench_wall_stats.h"
#include "cleanup.h"
#include "golden.h"
#include "stack.h"
#include "stack_marks.h"
#include "suites.h"

#define LOG "tests/unit/data/bench.jsonl"

/* A login with every marker, in any order: [what, at, took]. */
static const char su[] =
    "[[\"exec\",0,0],[\"return\",1000,0],[\"auth.begin\",100,5],[\"auth.end\",145,1],"
    "[\"account.begin\",150,1],[\"account.end\",171,1],[\"open.begin\",200,1],"
    "[\"open.before\",211,1],[\"open.after\",312,1],[\"open.end\",320,1],[\"first\",400,0],"
    "[\"readdir.begin\",420,0],[\"readdir.end\",450,0],[\"last\",500,0],[\"close.begin\",600,1],"
    "[\"close.before\",610,1],[\"close.after\",650,1],[\"close.end\",660,1],[\"gone\",1500,0]]";

static const struct {
	const char *phase;
	json_int_t ns;
} su_phases[] = {
    {"start", 100},          {"auth", 40},       {"account", 20},     {"open_before", 10},
    {"open_candidate", 100}, {"open_after", 7},  {"application", 32}, {"program", 79},
    {"session", 70},         {"readdir", 30},    {"logout", 100},     {"close_before", 9},
    {"close_candidate", 39}, {"close_after", 9}, {"return", 339},     {"teardown", 500},
};

static json_int_t get(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

START_TEST(test_phases)
{
	cleanup_json json_t *timeline = json_loads(su, 0, NULL);
	cleanup_json json_t *phases = bench_phases_of(timeline);
	json_int_t sum = 0;

	ck_assert_uint_eq(json_object_size(phases), sizeof(su_phases) / sizeof(*su_phases));
	for (size_t i = 0; i < sizeof(su_phases) / sizeof(*su_phases); i++) {
		ck_assert_msg(get(phases, su_phases[i].phase) == su_phases[i].ns, "%s is %lld",
		              su_phases[i].phase, (long long)get(phases, su_phases[i].phase));
		sum += strcmp(su_phases[i].phase, "teardown") ? su_phases[i].ns : 0;
	}
	ck_assert_int_eq(sum + bench_markers_ns(timeline, 0, 1000), 1000);
	ck_assert_int_eq(bench_instant(timeline, "first"), 400);
	ck_assert_int_eq(bench_instant(timeline, "second"), -1);
}
END_TEST

/* ssh returns before its server closes the session. */
START_TEST(test_late_close)
{
	cleanup_json json_t *timeline =
	    json_loads("[[\"exec\",0,0],[\"first\",10,0],[\"last\",20,0],[\"return\",50,0],"
	               "[\"close.begin\",60,2],[\"close.before\",65,2],[\"close.after\",80,2],"
	               "[\"close.end\",85,2],[\"gone\",40,0]]",
	               0, NULL);
	cleanup_json json_t *phases = bench_phases_of(timeline);
	cleanup_json json_t *none = json_array();

	ck_assert_int_eq(get(phases, "program"), 10);
	ck_assert_int_eq(get(phases, "logout"), 30);
	ck_assert_int_eq(get(phases, "late"), 10);
	ck_assert_int_eq(get(phases, "close_candidate"), 13);
	ck_assert_int_eq(get(phases, "teardown"), 0);
	ck_assert_ptr_null(bench_phases_of(none));
}
END_TEST

START_TEST(test_cost)
{
	cleanup_json json_t *login =
	    json_pack("{s:o, s:i, s:i}", "timeline", json_loads(su, 0, NULL), "window_ns", 1300,
	              "idle_ns", 200);
	cleanup_json json_t *cost = bench_cost(login, true), *plain = bench_cost(login, false);

	ck_assert_int_eq(get(cost, "enter_ns"), 400 - 12);
	ck_assert_int_eq(get(cost, "leave_ns"), 500 - 4);
	ck_assert_int_eq(get(cost, "total_ns"), 1000 - 16);
	ck_assert_int_eq(get(cost, "busy_ns"), 1100);
	ck_assert_int_eq(get(cost, "markers_ns"), 16);
	ck_assert_ptr_null(json_object_get(plain, "phases"));
}
END_TEST

static const json_t *login_of(const json_t *result, const char *module)
{
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(result, "logins"), i, o)
	{
		if (!strcmp(json_string_value(json_object_get(o, "module")), module))
			return o;
	}
	return NULL;
}

START_TEST(test_result)
{
	cleanup_json json_t *result = bench_derive(LOG, NULL);
	const json_t *login = login_of(result, "pam_x"), *cost = json_object_get(login, "cost"), *c;
	const json_t *wall = json_array_get(json_object_get(result, "wall"), 1);
	const json_t *memory = json_array_get(json_object_get(result, "memory"), 1);
	const char *name;
	double sum = 0;
	json_t *v;

	ck_assert_ptr_nonnull(result);
	ck_assert(json_is_true(json_object_get(login, "same")));
	ck_assert(json_is_false(json_object_get(login_of(result, "pam_basic"), "same")));
	ck_assert_int_eq(get(login, "runs"), 3);
	ck_assert_double_eq(json_number_value(json_object_get(login, "added_ns")), 500);
	ck_assert_double_eq(
	    json_number_value(json_object_get(json_object_get(login, "ratio"), "none")), 1.5);
	/* What loading the markers costs is taken off: the phases are those of the plain login. */
	json_object_foreach(json_object_get(cost, "phases"), name, v) sum += json_number_value(v);
	ck_assert_double_eq_tol(sum, json_number_value(json_object_get(cost, "total_ns")), 0.5);
	ck_assert_double_eq(json_number_value(json_object_get(login, "loading_ns")), 60);
	ck_assert_int_eq(get(wall, "n"), 4);
	ck_assert_double_eq(json_number_value(json_array_get(json_object_get(wall, "p50"), 0)),
	                    250);
	c = json_object_get(json_object_get(wall, "ratio"), "none");
	ck_assert_double_eq(json_number_value(json_array_get(json_object_get(c, "p50"), 0)), 2.5);
	ck_assert_double_eq(
	    json_number_value(json_object_get(json_object_get(memory, "kb_per_session"), "Slab")),
	    20);
	ck_assert_double_eq(json_number_value(json_object_get(
	                        json_object_get(memory, "kb_per_session"), "MemAvailable")),
	                    100);
}
END_TEST

START_TEST(test_cases)
{
	cleanup_json json_t *result = bench_derive(LOG, NULL), *cases = bench_cases(result);
	const json_t *x = json_array_get(cases, 2), *cost = json_object_get(x, "cost");
	const json_t *basic = json_array_get(cases, 1);

	ck_assert_uint_eq(json_array_size(cases), 3);
	ck_assert_str_eq(json_string_value(json_object_get(x, "id")), "pam_x/su/bench@i+k#0:0");
	ck_assert_str_eq(json_string_value(json_object_get(x, "verdict")), "info");
	ck_assert_str_eq(json_string_value(json_object_get(basic, "verdict")), "error");
	ck_assert_int_eq(get(cost, "total_ns"), 1500);
	ck_assert(json_object_get(json_object_get(cost, "phases"), "open_candidate"));
	/* Wall times of one day are none of another: they are compared as ratios, block by block.
	 */
	ck_assert_ptr_null(json_object_get(cost, "samples"));
}
END_TEST

/* A block without a sample is no block of nothing, and a module without any has no interval. */
START_TEST(test_hanging_logins)
{
	static const char *const bases[] = {"none", NULL};
	static const char line[] = "{\"type\":\"bench\",\"kind\":\"wall\",\"module\":\"%s\","
	                           "\"entry\":\"su\",\"block\":%d,\"failed\":%d,\"hung\":%s,"
	                           "\"wall_ns\":%s,\"window_ns\":[],\"idle_ns\":[]}";
	cleanup_json json_t *lines = json_array(), *stats = NULL;
	const json_t *some, *never;

	for (int i = 0; i < 6; i++) {
		static const char *const names[] = {"none", "some", "never"};

		for (int m = 0; m < 3; m++) {
			bool hung = m == 2 || (m == 1 && i % 2);
			cleanup_free char *text = NULL;

			ck_assert_int_ge(asprintf(&text, line, names[m], i, hung,
			                          hung ? "true" : "false", hung ? "[]" : "[7, 7]"),
			                 0);
			json_array_append_new(lines, json_loads(text, 0, NULL));
		}
	}
	stats = bench_wall_stats(lines, bases, 1);
	some = json_array_get(stats, 1);
	never = json_array_get(stats, 2);
	ck_assert_int_eq(get(json_array_get(stats, 0), "n"), 12);
	ck_assert_int_eq(get(some, "blocks"), 3);
	ck_assert_int_eq(get(some, "n"), 6);
	ck_assert_int_eq(get(some, "hung"), 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_double_eq(
		    json_number_value(json_array_get(json_object_get(some, "p99"), i)), 7);
	ck_assert_int_eq(get(never, "hung"), 6);
	ck_assert(json_is_null(json_object_get(never, "p50")));
}
END_TEST

START_TEST(test_table)
{
	cleanup_json json_t *result = bench_derive(LOG, NULL);
	cleanup_free char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	bench_table(out, result);
	fclose(out);
	check_golden("bench.table", text);
}
END_TEST

START_TEST(test_no_bench)
{
	cleanup_err struct err *e = NULL;

	ck_assert_ptr_null(bench_derive("tests/unit/data/plain.jsonl", &e));
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "not the log of a pamlab bench"));
}
END_TEST

static const char *content_of(const json_t *files, const char *path)
{
	json_t *f;
	size_t i;

	json_array_foreach(files, i, f)
	{
		if (!strcmp(json_string_value(json_object_get(f, "path")), path))
			return json_string_value(json_object_get(f, "content"));
	}
	return NULL;
}

/* Line by line: SERVICE calls what it was between two markers, and the candidate stands between two
 * more, also where there is none. */
START_TEST(test_marked_stack)
{
	cleanup_json json_t *with = stack_expand_marked("pam_x.so", "a b", NULL);
	cleanup_json json_t *without = stack_expand_marked(NULL, NULL, NULL);
	const char *su_file = content_of(with, "/etc/pam.d/su");
	const char *su_stack = content_of(with, "/etc/pam.d/su.stack");

	ck_assert_ptr_nonnull(strstr(su_file, "auth optional " MARKER_PATH " begin\n"
	                                      "auth substack su.stack\n"
	                                      "auth optional " MARKER_PATH " end\n"));
	ck_assert_ptr_nonnull(strstr(su_stack, "session optional " MARKER_PATH " before\n"
	                                       "session required pam_x.so a b\n"
	                                       "session optional " MARKER_PATH " after\n"));
	ck_assert_ptr_nonnull(strstr(content_of(without, "/etc/pam.d/su.stack"),
	                             "session optional " MARKER_PATH " before\n"
	                             "session optional " MARKER_PATH " after\n"));
	/* What includes another service includes what that was, not its markers. */
	ck_assert_ptr_nonnull(
	    strstr(content_of(with, "/etc/pam.d/su-l.stack"), "session include su.stack\n"));
	ck_assert_ptr_null(content_of(with, "/etc/pam.d/common-auth.stack"));
	ck_assert_ptr_null(strstr(content_of(with, "/etc/pam.d/common-auth"), MARKER_PATH));
}
END_TEST

Suite *suite_bench(void)
{
	Suite *s = suite_create("bench");
	TCase *c = tcase_create("log to tables");

	tcase_add_test(c, test_phases);
	tcase_add_test(c, test_late_close);
	tcase_add_test(c, test_cost);
	tcase_add_test(c, test_result);
	tcase_add_test(c, test_cases);
	tcase_add_test(c, test_hanging_logins);
	tcase_add_test(c, test_table);
	tcase_add_test(c, test_no_bench);
	tcase_add_test(c, test_marked_stack);
	suite_add_tcase(s, c);
	return s;
}
