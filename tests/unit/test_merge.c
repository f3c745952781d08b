#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "eventlog.h"
#include "merge.h"
#include "paths.h"
#include "scratch.h"
#include "suites.h"

static char paths[3][256];
static char *logs[3] = {paths[0], paths[1], paths[2]};

#define RUN(plan, index, count, of, cases, more)                                                   \
	"{\"type\":\"run\",\"format\":1,\"started\":\"2026-01-0" #index                            \
	"\",\"image_hash\":\"aa\","                                                                \
	"\"plan\":\"" plan "\",\"shard\":{\"index\":" #index ",\"count\":" #count                  \
	",\"of_cases\":" #of "},\"cases\":" #cases more "}\n"
#define CASE(id, verdict)                                                                          \
	"{\"type\":\"event\",\"case\":\"" id "\",\"t\":1.5,\"x\":\"\\u0000\"}\n"                   \
	"{\"type\":\"case\",\"id\":\"" id "\",\"verdict\":\"" verdict "\",\"known\":false}\n"
#define END(ms) "{\"type\":\"end\",\"exit\":0,\"wall_ms\":" #ms ",\"interrupted\":false}\n"

static const char one[] = RUN("p", 1, 2, 3, 2, "") CASE("a", "pass") CASE("b", "fail") END(5);
static const char two[] = RUN("p", 2, 2, 3, 1, "") CASE("c", "pass") END(9);

static int merge(const char *first, const char *second, struct err **e)
{
	const char *texts[] = {first, second};
	size_t n = 0;

	scratch_setup();
	for (size_t i = 0; i < 2 && texts[i]; i++, n++) {
		char name[16];

		snprintf(name, sizeof(name), "%c/events.jsonl", "xy"[i]);
		scratch_write(name, texts[i], strlen(texts[i]), 0644);
		snprintf(paths[i], sizeof(paths[i]), "%.200s", scratch("%c", "xy"[i]));
	}
	return merge_logs(scratch("out"), logs, n, e);
}

START_TEST(shards_become_one_log)
{
	cleanup_err struct err *e = NULL;
	cleanup_free char *text = NULL, *expected = NULL;

	/* in any order */
	ck_assert_msg(merge(two, one, &e) == 0, "%s", e ? e->msg : "");
	text = read_file(scratch("out/events.jsonl"), NULL, &e);
	ck_assert_int_gt(
	    asprintf(
	        &expected,
	        "{\"type\":\"run\",\"format\":1,\"started\":\"2026-01-01\",\"image_hash\":\"aa\","
	        "\"plan\":\"p\",\"cases\":3,\"dir\":\"%s\",\"merged\":[\"%s\",\"%s\"]}\n%s%s"
	        "{\"type\":\"end\",\"counts\":{\"pass\":2,\"fail\":1,\"warn\":0,\"info\":0,"
	        "\"skip\":0,\"inconclusive\":0,\"error\":0,\"known\":0,\"unexpected_pass\":0},"
	        "\"exit\":1,\"wall_ms\":9,\"interrupted\":false}\n",
	        scratch("out"), paths[1], paths[0], CASE("a", "pass") CASE("b", "fail"),
	        CASE("c", "pass")),
	    0);
	ck_assert_str_eq(text, expected);
	scratch_teardown();
}
END_TEST

/* What differs from shard to shard is that of the whole, and what is the same is there once. */
START_TEST(a_run_line_of_all)
{
#define MORE(boot, i)                                                                              \
	",\"booted\":\"" boot "\",\"modules\":[{\"name\":\"m\",\"sha256\":\"ab\"}],"               \
	"\"scenarios\":[{\"name\":\"s\"}],\"cover\":{\"how\":\"pairs\"},"                          \
	"\"argv\":[\"run\",\"--shard\",\"" i "/2\",\"-m\",\"m\",\"--shard=" i "/2\",\"s\"]"
	cleanup_err struct err *e = NULL;
	cleanup_free char *text = NULL;

	ck_assert_msg(merge(RUN("p", 1, 2, 2, 1, MORE("x", "1")) CASE("a", "pass") END(5),
	                    RUN("p", 2, 2, 2, 1, MORE("y", "2")) CASE("b", "pass") END(5), &e) == 0,
	              "%s", e ? e->msg : "");
	text = read_file(scratch("out/events.jsonl"), NULL, &e);
	ck_assert_ptr_nonnull(
	    strstr(text, "\"booted\":\"x, y\",\"modules\":[{\"name\":\"m\",\"sha256\":\"ab\"}],"
	                 "\"scenarios\":[{\"name\":\"s\"}],\"cover\":{\"how\":\"pairs\"},"
	                 "\"argv\":[\"run\",\"-m\",\"m\",\"s\"]"));
	scratch_teardown();
}
END_TEST

static const struct {
	const char *first, *second, *named;
} bad[] = {
    {one, NULL, "gap: shard 2/2 is missing"},
    {one, one, "overlap: a is in"},
    {one, RUN("p", 2, 2, 3, 1, "") CASE("a", "pass") END(1), "overlap: a is in"},
    {one, RUN("p", 1, 2, 3, 1, "") CASE("c", "pass") END(1), "are both shard 1/2"},
    {one, RUN("q", 2, 2, 3, 1, "") CASE("c", "pass") END(1), "different plans"},
    {one, RUN("q", 2, 2, 3, 1, ",\"image_hash\":\"bb\"") CASE("c", "pass") END(1),
     "image_hash is aa and bb"},
    {one, RUN("p", 2, 3, 3, 1, "") CASE("c", "pass") END(1), "one of 2 shards"},
    {one, RUN("p", 2, 2, 3, 1, "") CASE("c", "pass"), "was not finished"},
    {one, RUN("p", 2, 2, 3, 1, "") CASE("c", "pass") "{\"type\":\"end\"", "was not finished"},
    {one, RUN("p", 2, 2, 3, 1, "") CASE("c", "pass") "{\"type\":\"end\",\"interrupted\":true}\n",
     "was interrupted"},
    {one, RUN("p", 2, 2, 3, 2, "") CASE("c", "pass") END(1), "has 1 cases of 2"},
    {one, RUN("p", 2, 2, 3, 0, "") END(1), "have 2 cases, the plan 3"},
    {one, RUN("p", 2, 2, 3, 1, "") "{\n" CASE("c", "pass") END(1), "damaged: line 2"},
    {one, "{\"type\":\"run\",\"cases\":1}\n" CASE("c", "pass") END(1), "not made with --shard"},
    {one, RUN("p", 2, 2, 3, 1, "") RUN("p", 2, 2, 3, 1, "") CASE("c", "pass") END(1),
     "two run lines"},
    {one, "", "has no run line"},
    {one, RUN("p", 2, 2, 3, 1, ",\"format\":99") CASE("c", "pass") END(1), "newer"},
};

START_TEST(what_does_not_fit_is_refused)
{
	cleanup_err struct err *e = NULL;

	ck_assert_int_eq(merge(bad[_i].first, bad[_i].second, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, bad[_i].named) && !strchr(e->msg, '\n'), "%s", e->msg);
	ck_assert_ptr_null(read_file(scratch("out/events.jsonl"), NULL, NULL));
	scratch_teardown();
}
END_TEST

Suite *suite_merge(void)
{
	Suite *s = suite_create("merge");
	TCase *t = tcase_create("merge");

	tcase_add_test(t, shards_become_one_log);
	tcase_add_test(t, a_run_line_of_all);
	tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, sizeof(bad) / sizeof(*bad));
	suite_add_tcase(s, t);
	return s;
}
