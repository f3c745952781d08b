#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "err.h"
#include "golden.h"
#include "printable.h"
#include "reporter.h"
#include "suites.h"

static char *render_table(struct style style, const char *log)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	feed(table_reporter(out, style), log);
	fclose(out);
	return text;
}

/* The longest line of the matrix, which ends where the first problem is listed. */
static size_t matrix_width(char *text)
{
	size_t widest = 0;
	char *end = strstr(text, "  title "), *rest = text, *line;

	if (end)
		*end = '\0';
	while ((line = strsep(&rest, "\n")) && !strstr(line, "  broken") && !strchr(line, ':'))
		if (text_columns(line) > widest)
			widest = text_columns(line);
	return widest;
}

START_TEST(rows_and_columns_are_sorted)
{
	cleanup_free char *text = render_table((struct style){0}, "plain.jsonl");

	check_golden("plain.table", text);
	ck_assert_ptr_null(strchr(text, '\x1b'));
}
END_TEST

START_TEST(columns_get_numbers_when_narrow)
{
	cleanup_free char *text = render_table((struct style){.columns = 60}, "plain.jsonl");
	cleanup_free char *tiny = render_table((struct style){.columns = 5}, "plain.jsonl");

	check_golden("narrow.table", text);
	ck_assert_uint_le(matrix_width(text), 60);
	ck_assert_ptr_nonnull(strstr(tiny, "naive")); /* does not crash, nor hide everything */
}
END_TEST

START_TEST(colours_are_only_paint)
{
	cleanup_free char *text = render_table(
	    (struct style){.tty = true, .colour = true, .columns = 200}, "plain.jsonl");
	cleanup_free char *plain = render_table((struct style){0}, "plain.jsonl");
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '\x1b')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	ck_assert_str_eq(text, plain);
}
END_TEST

START_TEST(hostile_names_do_not_reach_the_terminal)
{
	cleanup_free char *text = render_table((struct style){0}, "hostile.jsonl");

	check_golden("hostile.table", text);
	for (const char *c = text; *c; c++)
		ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
}
END_TEST

START_TEST(no_color_is_obeyed)
{
	cleanup_file FILE *terminal = fdopen(posix_openpt(O_RDWR | O_NOCTTY), "r+");
	struct style style;

	ck_assert_ptr_nonnull(terminal);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	style = style_of(terminal);
	ck_assert(style.tty && style.colour && style.columns > 0);
	setenv("NO_COLOR", "", 1);
	ck_assert(style_of(terminal).colour);
	setenv("NO_COLOR", "1", 1);
	ck_assert(!style_of(terminal).colour);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	ck_assert(!style_of(terminal).colour);
}
END_TEST

START_TEST(progress_is_silent_or_plain_without_a_terminal)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	feed(progress_reporter(out, (struct style){0}, 0), "plain.jsonl");
	fflush(out);
	ck_assert_str_eq(text, "");
	feed(progress_reporter(out, (struct style){0}, 5), "plain.jsonl");
	fclose(out);
	ck_assert_str_eq(text, "5/10 done, 1 failed, 1 known, 0:00\n"
	                       "10/10 done, 3 failed, 1 known, 0:00\n");
	free(text);
}
END_TEST

START_TEST(progress_is_cleared_before_other_output)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct style style = {.tty = true, .columns = 20};
	struct reporter *r = progress_reporter(out, style, 0);
	cleanup_json json_t *run = json_pack("{s:i}", "cases", 4);

	r->begin(r, run);
	progress_running(r, 2, "a\nb");
	progress_show(r);
	progress_hide(r);
	progress_hide(r); /* nothing to clear */
	fflush(out);
	ck_assert_ptr_nonnull(strstr(text, "\r0/4 done, 2 running\x1b[K\r\r\x1b[K"));
	ck_assert_ptr_null(strchr(text, '\n'));
	reporter_free(&r);
	fclose(out);
	free(text);
}
END_TEST

/* Whatever fills its last buffer: that may be empty when it is flushed, and the error long past. */
START_TEST(lost_output_says_why)
{
	for (int length = 1; length < 9000; length++) {
		FILE *out = fopen("/dev/full", "w");
		cleanup_err struct err *e = NULL;

		for (int i = 0; i < length; i++)
			putc('x', out);
		ck_assert_int_eq(report_flush(out, &e), -1);
		ck_assert_str_eq(e->msg, "write the report: No space left on device");
		fclose(out);
	}
}
END_TEST

Suite *suite_table(void)
{
	Suite *suite = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, rows_and_columns_are_sorted);
	tcase_add_test(tc, columns_get_numbers_when_narrow);
	tcase_add_test(tc, colours_are_only_paint);
	tcase_add_test(tc, hostile_names_do_not_reach_the_terminal);
	tcase_add_test(tc, no_color_is_obeyed);
	tcase_add_test(tc, progress_is_silent_or_plain_without_a_terminal);
	tcase_add_test(tc, progress_is_cleared_before_other_output);
	tcase_add_test(tc, lost_output_says_why);
	suite_add_tcase(suite, tc);
	return suite;
}
