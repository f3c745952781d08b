#include <check.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "golden.h"
#include "suites.h"

static void be_quiet(void *ctx, const char *msg, ...)
{
	(void)ctx, (void)msg;
}

/* Whether the document fits the schema of Jenkins' plugin. */
static bool is_valid(const char *text)
{
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("tests/unit/data/junit.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
	xmlSchemaValidCtxtPtr valid;
	bool is;

	ck_assert_ptr_nonnull(schema);
	ck_assert_ptr_nonnull(doc);
	valid = xmlSchemaNewValidCtxt(schema);
	xmlSchemaSetValidErrors(valid, be_quiet, be_quiet, NULL);
	is = xmlSchemaValidateDoc(valid, doc) == 0;
	xmlSchemaFreeValidCtxt(valid);
	xmlFreeDoc(doc);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	return is;
}

START_TEST(each_log_is_valid)
{
	static const char *const logs[] = {"plain", "hostile", "reports"};

	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		cleanup_free char *log = NULL, *golden = NULL, *text = NULL;

		ck_assert_int_ge(asprintf(&log, "%s.jsonl", logs[i]), 0);
		ck_assert_int_ge(asprintf(&golden, "%s.junit", logs[i]), 0);
		text = render(junit_reporter, log);
		check_golden(golden, text);
		ck_assert(is_valid(text));
	}
}
END_TEST

START_TEST(the_schema_refuses)
{
	static const char *const broken[][2] = {
	    {"<testcase name=", "<testcase line=\"3\" name="},
	    {"<testcase name=", "<testcase title="},
	    {"<failure type=", "<failure kind="},
	    {" tests=", " test="},
	    {"time=\"", "time=\"-"},
	};
	cleanup_free char *text = render(junit_reporter, "reports.jsonl");

	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		cleanup_free char *worse = NULL;
		char *at = strstr(text, broken[i][0]);

		ck_assert_ptr_nonnull(at);
		ck_assert_int_ge(asprintf(&worse, "%.*s%s%s", (int)(at - text), text, broken[i][1],
		                          at + strlen(broken[i][0])),
		                 0);
		ck_assert_msg(!is_valid(worse), "%s is taken", broken[i][1]);
	}
}
END_TEST

/* A text of which XML can hold nothing as it is comes out readable, and as one document. */
START_TEST(what_xml_cannot_hold_is_seen)
{
	static const char bytes[] = "\x01\x1b\x7f\xc2\x85\xef\xbf\xbe\xe2\x80\xae]]>&";
	cleanup_json json_t *obj = json_pack("{s:s, s:s, s:s, s:s}", "module", bytes, "entry", "su",
	                                     "scenario", "x", "verdict", "fail");
	cleanup_json json_t *end = json_object();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = junit_reporter(out);

	r->case_done(r, obj);
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	ck_assert(is_valid(text));
	ck_assert_ptr_nonnull(
	    strstr(text, "\\x01\\x1b\\x7f\\x85\\xef\\xbf\\xbe\\xe2\\x80\\xae]]&gt;&amp;/su"));
	free(text);
}
END_TEST

START_TEST(cases_of_two_kernels_are_told_apart)
{
	static const char *const ids[] = {"m/su/s@i+k1#0:0", "m/su/s@i+k2#0:0"};
	cleanup_json json_t *end = json_object();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = junit_reporter(out);

	for (size_t i = 0; i < 2; i++) {
		cleanup_json json_t *obj =
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", ids[i], "module", "m", "entry",
		              "su", "scenario", "s", "verdict", "pass");

		r->case_done(r, obj);
	}
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "classname=\"m.su (i+k1)\""));
	ck_assert_ptr_nonnull(strstr(text, "<testsuite name=\"m/su (i+k2)\" tests=\"1\""));
	free(text);
}
END_TEST

START_TEST(names_tell_cases_apart)
{
	static const struct {
		const char *id, *stage;
		int repeat;
		const char *name;
	} table[] = {
	    {"m/su/s@i+k#0:0", NULL, 0, "name=\"s\""},
	    {"m/su~shared/s@i+k#0:0", "shared", 0, "name=\"s ~shared\""},
	    {"m/su/s@i+k#4:7", NULL, 0, "name=\"s #4:7\""},
	    {"m/su~shared/s@i+k#4:7", "shared", 2, "name=\"s ~shared #4:7 repeat 2\""},
	};
	cleanup_json json_t *end = json_object();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = junit_reporter(out);

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_json json_t *obj =
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s?}", "id", table[i].id, "module",
		              "m", "entry", "su", "scenario", "s", "verdict", "pass", "repeat",
		              table[i].repeat, "stage", table[i].stage);

		r->case_done(r, obj);
	}
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		ck_assert_ptr_nonnull(strstr(text, table[i].name));
	free(text);
}
END_TEST

Suite *suite_junit(void)
{
	Suite *suite = suite_create("junit");
	TCase *tc = tcase_create("junit");

	tcase_add_test(tc, each_log_is_valid);
	tcase_add_test(tc, the_schema_refuses);
	tcase_add_test(tc, what_xml_cannot_hold_is_seen);
	tcase_add_test(tc, cases_of_two_kernels_are_told_apart);
	tcase_add_test(tc, names_tell_cases_apart);
	suite_add_tcase(suite, tc);
	return suite;
}
