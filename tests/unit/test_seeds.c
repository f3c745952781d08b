/* What fuzzing starts from has to be read, and no longer than the inputs (FUZZ_LEN): from something
 * that is refused at its first line no parser's depths are ever reached. And what fuzzing found: an
 * error is one line. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cleanup.h"
#include "contract.h"
#include "known.h"
#include "paths.h"
#include "results.h"
#include "scenario.h"
#include "suites.h"

#define SEEDS "tests/fuzz/corpus/"

static int read_baseline(const char *bytes, size_t len, struct err **e)
{
	cleanup_results struct results r = {0};

	return baseline_parse(bytes, len, "x", &r, e);
}

static int read_contract(const char *bytes, size_t len, struct err **e)
{
	cleanup_contract struct contract *c = NULL;

	return contract_parse("x.yaml", bytes, len, &c, e);
}

static int read_log(const char *bytes, size_t len, struct err **e)
{
	cleanup_results struct results r = {0};
	FILE *log = fmemopen((void *)bytes, len, "r");
	int status = results_read_log(log, "x", &r, e);

	fclose(log);
	return status;
}

static int read_known(const char *bytes, size_t len, struct err **e)
{
	cleanup_known struct known_list *list = NULL;

	return known_parse("x.yaml", bytes, len, 1798675200, &list, e);
}

static int read_scenario(const char *bytes, size_t len, struct err **e)
{
	cleanup_scenario struct scenario *s = NULL;

	return scenario_parse("teardown/full.yaml", bytes, len, &s, e);
}

static const struct {
	const char *seed;
	int (*read)(const char *bytes, size_t len, struct err **e);
} seeds[] = {{"baseline/baseline.json", read_baseline}, {"contract/good.yaml", read_contract},
             {"eventlog/cases.jsonl", read_log},        {"eventlog/bench.jsonl", read_log},
             {"known/good.yaml", read_known},           {"scenario/full.yaml", read_scenario}};

START_TEST(seeds_are_read)
{
	cleanup_err struct err *e = NULL;
	cleanup_free char *path = NULL, *bytes = NULL;
	size_t len;

	ck_assert_int_ge(asprintf(&path, SEEDS "%s", seeds[_i].seed), 0);
	bytes = read_file(path, &len, &e);
	ck_assert_msg(bytes && len <= 1024 && seeds[_i].read(bytes, len, &e) == 0, "%s: %s", path,
	              e ? e->msg : "");
}
END_TEST

static const struct {
	const char *yaml;
	int (*read)(const char *bytes, size_t len, struct err **e);
	const char *error;
} hostile[] = {
    {"version: 1\nmodule: pam_x\npromises: []\nknown-failures:\n"
     "  - {case: \"s\\nu\\e[2Jx\", reason: r}\n",
     read_contract,
     "x.yaml:5: 's\\nu\\x1b[2Jx': write ENTRY/SCENARIO, such as \"sudo*/process-list\""},
    {"version: 1\nknown:\n  - {case: \"a\\n\\nb\", reason: r, expires: 2027-01-01}\n", read_known,
     "x.yaml:3: 'a\\n\\nb': write MODULE/ENTRY/SCENARIO, such as \"pam_mine/sudo*/process-list\""},
};

START_TEST(an_error_is_one_line)
{
	cleanup_err struct err *e = NULL;

	ck_assert_int_lt(hostile[_i].read(hostile[_i].yaml, strlen(hostile[_i].yaml), &e), 0);
	ck_assert_str_eq(e->msg, hostile[_i].error);
}
END_TEST

/* Once is enough: a caller may have made a part of it printable before. */
START_TEST(context_is_not_escaped_again)
{
	cleanup_err struct err *e = NULL;

	err_usage(&e, "%s", "a\\nb\n");
	err_wrap(&e, "in %s", "c\td");
	ck_assert_str_eq(e->msg, "in c\\td: a\\nb\\n");
}
END_TEST

Suite *suite_seeds(void)
{
	Suite *s = suite_create("seeds");
	TCase *t = tcase_create("seeds");

	tcase_add_loop_test(t, seeds_are_read, 0, sizeof(seeds) / sizeof(*seeds));
	tcase_add_loop_test(t, an_error_is_one_line, 0, sizeof(hostile) / sizeof(*hostile));
	tcase_add_test(t, context_is_not_escaped_again);
	suite_add_tcase(s, t);
	return s;
}
