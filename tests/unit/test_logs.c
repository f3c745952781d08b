#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "log_merge.h"
#include "paths.h"
#include "scratch.h"
#include "suites.h"

static char *write_log(const char *name, const char *text)
{
	char *path = strdup(scratch("%s", name));

	ck_assert_int_eq(write_file(path, text, strlen(text), NULL), 0);
	return path;
}

#define RUN(kernel, cases)                                                                         \
	"{\"type\":\"run\",\"format\":1,\"kernel\":\"" kernel "\",\"cases\":" cases                \
	",\"modules\":[{\"name\":\"m\"}]}\n"
#define CASE(id, verdict) "{\"type\":\"case\",\"id\":\"" id "\",\"verdict\":\"" verdict "\"}\n"
#define END(status)       "{\"type\":\"end\",\"exit\":" status ",\"wall_ms\":5}\n"

/* The run line and the end line that a reporter would get, as JSON lines. */
static char *report(const struct logs *l)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = jsonl_reporter(out);

	ck_assert_int_eq(logs_report(l, r, NULL), 0);
	reporter_free(&r);
	fclose(out);
	return text;
}

static void check_report(const struct logs *l, const char *const *parts)
{
	cleanup_free char *text = report(l);

	for (; *parts; parts++)
		ck_assert_msg(strstr(text, *parts) != NULL, "no %s in:\n%s", *parts, text);
}

START_TEST(a_whole_log_has_no_notes)
{
	static const char *const parts[] = {"\"exit\":1", "\"fail\":1", "\"pass\":1",
	                                    "\"notes\":[]", NULL};
	cleanup_free char *path =
	    write_log("events.jsonl", RUN("k", "2") CASE("a", "fail") CASE("b", "pass") END("1"));
	struct logs l;

	logs_init(&l);
	ck_assert_int_eq(logs_add(&l, scratch("."), NULL), 0);
	check_report(&l, parts);
	logs_free(&l);
}
END_TEST

START_TEST(what_is_whole_of_a_damaged_log_is_used)
{
	static const char *const parts[] = {"\"id\":\"a\"",
	                                    "\"id\":\"c\"",
	                                    "damaged lines were passed over: 3, 5",
	                                    "is cut off",
	                                    "no end line",
	                                    "\"pass\":2",
	                                    "\"interrupted\":false",
	                                    NULL};
	cleanup_free char *path = write_log(
	    "x",
	    RUN("k", "9") CASE("a", "pass") "{\"type\":\"ca\n" CASE("c", "pass") "\1\n{\"type\":");
	struct logs l;

	logs_init(&l);
	ck_assert_int_eq(logs_add(&l, path, NULL), 0);
	check_report(&l, parts);
	logs_free(&l);
}
END_TEST

START_TEST(logs_of_two_kernels_are_one_report)
{
	static const char *const parts[] = {
	    "\"kernel\":\"k1, k2\"", "\"cases\":3", "\"runs\":[{", "\"modules\":[{\"name\":\"m\"}]",
	    "\"wall_ms\":10",        "\"exit\":1",  NULL};
	cleanup_free char *one = write_log("1", RUN("k1", "1") CASE("a", "fail") END("1"));
	cleanup_free char *two =
	    write_log("2", RUN("k2", "2") CASE("b", "error") CASE("c", "pass") END("3"));
	struct logs l;

	logs_init(&l);
	ck_assert_int_eq(logs_add(&l, one, NULL), 0);
	ck_assert_int_eq(logs_add(&l, two, NULL), 0);
	check_report(&l, parts);
	logs_free(&l);
}
END_TEST

/* What all have in common, what is of them together, and no word of one of them for the others. */
START_TEST(run_lines_are_united)
{
#define OWN(started, strict, module, scenario, plan)                                               \
	"{\"type\":\"run\",\"format\":1,\"booted\":\"b\",\"started\":\"" started                   \
	"\",\"strict\":" strict ",\"known\":true,\"cases\":1,\"plan\":\"" plan                     \
	"\",\"argv\":[\"run\",\"" module "\"],"                                                    \
	"\"modules\":[{\"name\":\"" module "\",\"sha256\":\"1\"}],"                                \
	"\"scenarios\":[{\"name\":\"both\"},{\"name\":\"" scenario "\"}]}\n"
	static const char *const parts[] = {
	    "\"started\":\"2026-01-01\"",
	    "\"booted\":\"b\"",
	    "\"known\":true",
	    "\"modules\":[{\"name\":\"m\",\"sha256\":\"1\"},{\"name\":\"n\",\"sha256\":\"1\"}]",
	    "\"scenarios\":[{\"name\":\"both\"},{\"name\":\"s\"},{\"name\":\"t\"}]",
	    NULL};
	cleanup_free char *one =
	    write_log("1", OWN("2026-01-02", "true", "m", "s", "p") CASE("a", "pass") END("0"));
	cleanup_free char *two =
	    write_log("2", OWN("2026-01-01", "false", "n", "t", "q") CASE("b", "pass") END("0"));
	cleanup_free char *text = NULL;
	cleanup_json json_t *run = NULL;
	struct logs l;

	logs_init(&l);
	ck_assert_int_eq(logs_add(&l, one, NULL), 0);
	ck_assert_int_eq(logs_add(&l, two, NULL), 0);
	check_report(&l, parts);
	text = report(&l);
	*strchr(text, '\n') = '\0';
	run = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(run);
	for (const char *const *key = (const char *const[]){"strict", "plan", "argv", NULL}; *key;
	     key++)
		ck_assert_msg(!json_object_get(run, *key), "%s", *key);
	logs_free(&l);
}
END_TEST

START_TEST(a_case_in_two_logs_is_refused)
{
	cleanup_free char *one = write_log("1", RUN("k", "1") CASE("a", "fail") END("1"));
	cleanup_free char *two = write_log("2", RUN("k", "1") CASE("a", "pass") END("0"));
	struct err *e = NULL;
	struct logs l;

	logs_init(&l);
	ck_assert_int_eq(logs_add(&l, one, &e), 0);
	ck_assert_int_eq(logs_add(&l, two, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, one));
	ck_assert_ptr_nonnull(strstr(e->msg, two));
	err_free(&e);
	logs_free(&l);
}
END_TEST

START_TEST(what_is_no_log_is_refused)
{
	cleanup_free char *text = write_log("text", "hello\nworld\n");
	cleanup_free char *json = write_log("json", "{\"a\":1}\n");
	const char *const paths[] = {text, json, "/no/such/log"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct err *e = NULL;
		struct logs l;

		logs_init(&l);
		ck_assert_int_eq(logs_add(&l, paths[i], &e), -1);
		ck_assert_int_eq(e->status, EXIT_USAGE);
		ck_assert_ptr_nonnull(strstr(e->msg, paths[i]));
		err_free(&e);
		logs_free(&l);
	}
}
END_TEST

Suite *suite_logs(void)
{
	Suite *suite = suite_create("logs");
	TCase *tc = tcase_create("logs");

	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, a_whole_log_has_no_notes);
	tcase_add_test(tc, what_is_whole_of_a_damaged_log_is_used);
	tcase_add_test(tc, run_lines_are_united);
	tcase_add_test(tc, logs_of_two_kernels_are_one_report);
	tcase_add_test(tc, a_case_in_two_logs_is_refused);
	tcase_add_test(tc, what_is_no_log_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}
