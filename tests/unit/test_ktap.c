#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "golden.h"
#include "printable.h"
#include "suites.h"

START_TEST(each_verdict_is_shown)
{
	cleanup_free char *text = render(ktap_reporter, "plain.jsonl");

	check_golden("plain.ktap", text);
}
END_TEST

START_TEST(hostile_names_stay_on_their_lines)
{
	cleanup_free char *text = render(ktap_reporter, "hostile.jsonl");

	check_golden("hostile.ktap", text);
	for (const char *c = text; *c; c++)
		ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
}
END_TEST

START_TEST(cases_that_did_not_run_are_told)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = ktap_reporter(out);
	cleanup_json json_t *run = json_pack("{s:i}", "cases", 3);
	cleanup_json json_t *obj = json_pack("{s:s, s:s}", "id", "x", "verdict", "no such verdict");
	cleanup_json json_t *end = json_object();
	struct err *e = NULL;

	r->begin(r, run);
	r->case_done(r, obj);
	ck_assert_int_eq(r->end(r, end, &e), 0);
	reporter_free(&r);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "1..3\n"));
	ck_assert_ptr_nonnull(strstr(text, "not ok 1 x # ERROR -\n"));
	ck_assert_ptr_nonnull(strstr(text, "Bail out! 2 of 3 cases were not run\n"));
	free(text);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	cleanup_file FILE *out = fopen("/dev/full", "w");
	struct reporter *r = ktap_reporter(out);
	cleanup_json json_t *none = json_object();
	struct err *e = NULL;

	r->begin(r, none);
	ck_assert_int_eq(r->end(r, none, &e), -1);
	ck_assert_ptr_nonnull(strstr(e->msg, "write the report"));
	err_free(&e);
	reporter_free(&r);
}
END_TEST

START_TEST(json_is_the_log_itself)
{
	cleanup_free char *text = render(jsonl_reporter, "hostile.jsonl");

	check_golden("hostile.jsonl", text);
}
END_TEST

START_TEST(bytes_become_one_line)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *also, *line;
	} table[] = {
	    {"", 0, NULL, ""},
	    {"a#b", 3, "#", "a\\x23b"},
	    {"a\0b", 3, "#", "a\\x00b"},
	    {"\xff\xfe", 2, NULL, "\\xff\\xfe"},
	    {"\xe2\x82", 2, NULL, "\\xe2\\x82"},
	    {"\xe2\x82\xac", 3, NULL, "\xe2\x82\xac"},
	    {"\xc2\x9b"
	     "2J",
	     4, NULL, "\\x9b2J"},
	    {"\xed\xa0\x80", 3, NULL, "\\xed\\xa0\\x80"},
	    {"\xf4\x90\x80\x80", 4, NULL, "\\xf4\\x90\\x80\\x80"},
	    {"c:\\x", 4, NULL, "c:\\\\x"},
	    {"\xe2\x80\xae", 3, NULL, "\\xe2\\x80\\xae"},
	    {"\xe2\x81\xa6", 3, NULL, "\\xe2\\x81\\xa6"},
	    {"\xe2\x80\xa8", 3, NULL, "\\xe2\\x80\\xa8"},
	    {"\xe2\x80\x8d", 3, NULL, "\xe2\x80\x8d"},
	    {"\xef\xbf\xbf", 3, NULL, "\\xef\\xbf\\xbf"},
	    {"\xef\xbf\xbd", 3, NULL, "\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_free char *line = printable(table[i].bytes, table[i].n, table[i].also);

		ck_assert_str_eq(line, table[i].line);
	}
}
END_TEST

Suite *suite_ktap(void)
{
	Suite *suite = suite_create("ktap");
	TCase *tc = tcase_create("ktap");

	tcase_add_test(tc, each_verdict_is_shown);
	tcase_add_test(tc, hostile_names_stay_on_their_lines);
	tcase_add_test(tc, cases_that_did_not_run_are_told);
	tcase_add_test(tc, a_full_disk_is_an_error);
	tcase_add_test(tc, json_is_the_log_itself);
	tcase_add_test(tc, bytes_become_one_line);
	suite_add_tcase(suite, tc);
	return suite;
}
