/* SARIF, GitHub's annotations, HTML. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case_text.h"
#include "cleanup.h"
#include "golden.h"
#include "paths.h"
#include "report_file.h"
#include "suites.h"

static const char *const logs[] = {"plain", "hostile", "reports"};
#define LOGS (int)(sizeof(logs) / sizeof(*logs))

static char *render_log(struct reporter *(*make)(FILE *out), int i)
{
	cleanup_free char *log = NULL;

	ck_assert_int_ge(asprintf(&log, "%s.jsonl", logs[i]), 0);
	return render(make, log);
}

static void check_log(int i, const char *suffix, const char *text)
{
	cleanup_free char *golden = NULL;

	ck_assert_int_ge(asprintf(&golden, "%s.%s", logs[i], suffix), 0);
	check_golden(golden, text);
}

static json_t *get(json_t *from, const char *key)
{
	json_t *value = json_object_get(from, key);

	ck_assert_msg(value != NULL, "no %s", key);
	return value;
}

/* What no schema says: each result's rule is the one that it names, a place is relative, and
 * fingerprints tell cases apart. */
START_TEST(sarif_fits_itself)
{
	cleanup_free char *text = render_log(sarif_reporter, _i);
	cleanup_json json_t *log = json_loads(text, 0, NULL), *seen = json_object();
	json_t *run = json_array_get(get(log, "runs"), 0), *result, *place;
	json_t *rules = get(get(get(run, "tool"), "driver"), "rules");
	size_t i;

	check_log(_i, "sarif", text);
	ck_assert_uint_gt(json_array_size(get(run, "results")), 0);
	json_array_foreach(get(run, "results"), i, result)
	{
		json_int_t at = json_integer_value(get(result, "ruleIndex"));
		const char *print = json_string_value(
		    get(get(result, "partialFingerprints"), "primaryLocationLineHash"));
		const char *uri;

		ck_assert(json_equal(get(json_array_get(rules, at), "id"), get(result, "ruleId")));
		ck_assert_ptr_null(json_object_get(seen, print));
		json_object_set_new(seen, print, json_true());
		place = get(json_array_get(get(result, "locations"), 0), "physicalLocation");
		uri = json_string_value(get(get(place, "artifactLocation"), "uri"));
		ck_assert_msg(!strncmp(uri, "scenarios/", 10), "%s", uri);
	}
}
END_TEST

START_TEST(sarif_is_no_success_if_the_lab_failed)
{
	cleanup_free char *text = render(sarif_reporter, "reports.jsonl");
	cleanup_json json_t *log = json_loads(text, 0, NULL);
	json_t *run = json_array_get(get(log, "runs"), 0);
	json_t *invocation = json_array_get(get(run, "invocations"), 0);

	ck_assert(json_is_false(get(invocation, "executionSuccessful")));
	ck_assert_ptr_nonnull(strstr(text, "QEMU died: signal 9"));
	ck_assert_ptr_nonnull(strstr(text, "1 of 14 cases were not run"));
	ck_assert_ptr_nonnull(strstr(text, "{{unless}}"));
}
END_TEST

START_TEST(annotations_keep_their_lines)
{
	cleanup_free char *text = render_log(github_reporter, _i);
	char *save = NULL;

	check_log(_i, "github", text);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ck_assert(!strncmp(line, "::", 2) || !strncmp(line, "pamlab: ", 8));
		for (const char *c = line; *c; c++)
			ck_assert((unsigned char)*c >= 0x20);
		if (*line == ':') {
			/* In properties no colon or comma is left but their own. */
			char *data = strstr(line + 2, "::"), *file = strstr(line, "file=");

			ck_assert_ptr_nonnull(data);
			for (char *c = file ? file : data; c < data; c++)
				ck_assert(*c != ':');
		}
	}
}
END_TEST

START_TEST(annotations_are_escaped)
{
	cleanup_json json_t *obj = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "module",
	                                     "a,b:c%d\n::error::", "entry", "su", "scenario", "x",
	                                     "verdict", "fail", "file", "/x,y:z%/f.yaml", "line", 3,
	                                     "reason", "100%, a: b\r\n::set-output name=x::y");
	cleanup_json json_t *end = json_object();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = github_reporter(out);

	r->case_done(r, obj);
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	ck_assert_str_eq(
	    text, "::error file=f.yaml,line=3,title=fail%3A a%2Cb%3Ac%25d\\n%3A%3Aerror%3A%3A/su/x"
	          "::reason: 100%25, a: b\\x0d\\n::set-output name=x::y%0A"
	          "reproduce: pamlab repro $''\npamlab: 1 cases, 1 fail\n");
	free(text);
}
END_TEST

/* The page without its style and its program, which have files of their own. */
static void cut(char *text, const char *from, const char *to)
{
	char *start = strstr(text, from), *end = start ? strstr(start, to) : NULL;

	ck_assert_ptr_nonnull(end);
	start += strlen(from);
	memmove(start, end, strlen(end) + 1);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

START_TEST(pages_hold_nothing_but_their_own)
{
	cleanup_free char *text = render_log(html_reporter, _i);
	cleanup_json json_t *data = NULL;
	char *start, *end;

	cut(text, "style-src '", "'; script-src");
	cut(text, "script-src '", "'; base-uri");
	cut(text, "<style>", "</style>");
	cut(text, "<script>", "</script>\n</body>");
	check_log(_i, "html", text);
	ck_assert_uint_eq(count(text, "<script"), 2);
	ck_assert_uint_eq(count(text, "</script>"), 2);
	ck_assert_uint_eq(count(text, "http:") + count(text, "https:"), 0);
	start = strstr(text, "id=\"data\">") + strlen("id=\"data\">");
	end = strstr(start, "</script>");
	data = json_loadb(start, end - start, 0, NULL);
	ck_assert_ptr_nonnull(data);
	for (const char *c = text; *c; c++)
		ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
}
END_TEST

static char *answer_to(const char *verdict, bool known, int planned)
{
	cleanup_json json_t *run = json_pack("{s:i}", "cases", planned), *end = json_object();
	cleanup_json json_t *obj =
	    json_pack("{s:s, s:s, s:s, s:s, s:b}", "module", "pam_x", "entry", "su", "scenario",
	              "x", "verdict", verdict, "known", known);
	char *text = NULL, *start;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct reporter *r = html_reporter(out);

	r->begin(r, run);
	r->case_done(r, obj);
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	start = strdup(strstr(text, "<h1>") + 4);
	*strstr(start, "</h1>") = '\0';
	free(text);
	return start;
}

START_TEST(the_first_line_answers)
{
	static const struct {
		const char *verdict;
		bool known;
		int planned;
		const char *answer;
	} table[] = {
	    {"pass", false, 1, "Nothing broken was found in pam_x."},
	    {"fail", false, 1, "Not safe to ship: pam_x."},
	    {"fail", true, 1, "Only known failures in pam_x."},
	    {"pass", true, 1, "Undecided: pam_x."},
	    {"inconclusive", false, 1, "Undecided: pam_x."},
	    {"error", false, 1, "Undecided: pam_x."},
	    {"skip", false, 1, "Undecided: pam_x."},
	    {"no such verdict", false, 1, "Undecided: pam_x."},
	    {"warn", false, 1, "Nothing broken was found in pam_x."},
	    {"pass", false, 2, "This report is not complete. Nothing broken was found in pam_x."},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_free char *answer =
		    answer_to(table[i].verdict, table[i].known, table[i].planned);

		ck_assert_str_eq(answer, table[i].answer);
	}
}
END_TEST

START_TEST(plots_come_into_the_page)
{
	char dir[] = "/tmp/pamlab-test.[*]XXXXXX";
	cleanup_free char *plots = NULL, *svg = NULL, *text = NULL;
	cleanup_json json_t *run = NULL, *end = json_object();
	size_t size;
	struct reporter *r;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_ge(asprintf(&plots, "%s/plots", dir), 0);
	ck_assert_int_ge(asprintf(&svg, "%s/a\"<b>.svg", plots), 0);
	ck_assert_int_eq(make_dirs(plots, NULL), 0);
	ck_assert_int_eq(write_file(svg, "<svg/>", 6, NULL), 0);
	run = json_pack("{s:s}", "dir", dir);
	r = html_reporter(out);
	r->begin(r, run);
	ck_assert_int_eq(r->end(r, end, NULL), 0);
	reporter_free(&r);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "<img alt=\"a&quot;&lt;b&gt;\" src=\"data:image/svg+xml;"
	                                   "base64,PHN2Zy8+\">"));
	ck_assert_int_eq(remove_tree(dir, NULL), 0);
}
END_TEST

START_TEST(paths_are_those_of_a_repository)
{
	cleanup_free char *here = getcwd(NULL, 0), *below = NULL;
	const struct {
		const char *file, *path;
	} table[] = {
	    {"scenarios/host/x.yaml", "scenarios/host/x.yaml"},
	    {"/opt/scenarios/pamlab/scenarios/host/x.yaml", "scenarios/host/x.yaml"},
	    {"/tmp/x.yaml", "x.yaml"},
	    {below, "deep/x.yaml"},
	};

	ck_assert_int_ge(asprintf(&below, "%s/deep/x.yaml", here), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_json json_t *obj =
		    json_pack("{s:s}", "file", table[i].file ? table[i].file : below);
		cleanup_free char *path = case_path(obj);

		ck_assert_str_eq(path, table[i].path);
	}
}
END_TEST

START_TEST(formats_and_files_are_named)
{
	static const struct {
		const char *text, *error;
	} table[] = {
	    {"junit=x.xml", NULL},    {"jnit=x.xml", "did you mean junit?"},
	    {"junit", "FORMAT=FILE"}, {"junit=", "FORMAT=FILE"},
	    {"=x", "no format \"\""},
	};
	struct report_file f;
	struct err *e = NULL;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		int done = report_file_parse(table[i].text, &f, &e);

		ck_assert_int_eq(done, table[i].error ? -1 : 0);
		if (table[i].error) {
			ck_assert_int_eq(e->status, EXIT_USAGE);
			ck_assert_msg(strstr(e->msg, table[i].error) != NULL, "%s", e->msg);
			err_free(&e);
		}
	}
	ck_assert_int_eq(report_file_parse("html=/no/such/folder/x", &f, &e), 0);
	ck_assert_int_eq(report_file_open(&f, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	err_free(&e);
	ck_assert_int_eq(report_file_parse("html=/dev/full", &f, &e), 0);
	ck_assert_int_eq(report_file_open(&f, &e), 0);
	fputs("x", f.out);
	ck_assert_int_eq(report_file_close(&f, &e), -1);
	ck_assert_ptr_nonnull(strstr(e->msg, "/dev/full"));
	err_free(&e);
}
END_TEST

Suite *suite_formats(void)
{
	Suite *suite = suite_create("formats");
	TCase *tc = tcase_create("formats");

	tcase_add_loop_test(tc, sarif_fits_itself, 0, LOGS);
	tcase_add_test(tc, sarif_is_no_success_if_the_lab_failed);
	tcase_add_loop_test(tc, annotations_keep_their_lines, 0, LOGS);
	tcase_add_test(tc, annotations_are_escaped);
	tcase_add_loop_test(tc, pages_hold_nothing_but_their_own, 0, LOGS);
	tcase_add_test(tc, the_first_line_answers);
	tcase_add_test(tc, plots_come_into_the_page);
	tcase_add_test(tc, paths_are_those_of_a_repository);
	tcase_add_test(tc, formats_and_files_are_named);
	suite_add_tcase(suite, tc);
	return suite;
}
