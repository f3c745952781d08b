#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cleanup.h"
#include "eventlog.h"
#include "paths.h"
#include "printable.h"
#include "scratch.h"
#include "suites.h"

static char *log_path(void)
{
	return strdup(scratch("run/events.jsonl"));
}

static struct eventlog *open_log(void)
{
	struct eventlog *log = NULL;
	struct err *e = NULL;

	ck_assert_int_eq(eventlog_open(scratch("run"), &log, &e), 0);
	return log;
}

static int count_line(void *data, size_t number, const json_t *obj)
{
	(void)number, (void)obj;
	++*(size_t *)data;
	return 0;
}

static size_t read_log(struct eventlog_damage *damage)
{
	cleanup_free char *path = log_path();
	struct err *e = NULL;
	size_t lines = 0;

	ck_assert_int_eq(eventlog_read(path, count_line, &lines, damage, &e), 0);
	return lines;
}

static void write_log(const char *text, size_t n)
{
	cleanup_free char *path = log_path();
	struct eventlog *log = open_log();

	ck_assert_int_eq(eventlog_close(&log, NULL), 0);
	ck_assert_int_eq(write_file(path, text, n, NULL), 0);
}

START_TEST(lines_come_back)
{
	cleanup_json json_t *run =
	    json_pack("{s:s, s:i}", "type", "run", "format", EVENTLOG_FORMAT);
	cleanup_json json_t *said =
	    json_pack("{s:i, s:s, s:s}", "t", 3, "ev", "end", "case", "forged");
	cleanup_free char *path = log_path(), *text = NULL;
	struct eventlog_damage damage;
	struct eventlog *log = open_log();
	struct err *e = NULL;

	ck_assert_int_eq(eventlog_write(log, run, &e), 0);
	ck_assert_int_eq(eventlog_event(log, "m/su/s", said, &e), 0);
	ck_assert_int_eq(eventlog_close(&log, &e), 0);
	ck_assert_ptr_null(log);
	text = read_file(path, NULL, &e);
	ck_assert_str_eq(text, "{\"type\":\"run\",\"format\":1}\n"
	                       "{\"type\":\"event\",\"case\":\"m/su/s\",\"t\":3,\"ev\":\"end\"}\n");
	ck_assert_uint_eq(read_log(&damage), 2);
	ck_assert_uint_eq(damage.count, 0);
}
END_TEST

START_TEST(a_directory_is_used_once)
{
	struct eventlog *log = open_log(), *again = NULL;
	struct err *e = NULL;

	ck_assert_int_eq(eventlog_open(scratch("run"), &again, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	err_free(&e);
	ck_assert_int_eq(eventlog_close(&log, &e), 0);
}
END_TEST

START_TEST(a_full_disk_leaves_whole_lines)
{
	cleanup_json json_t *obj = json_pack("{s:s}", "type", "0123456789012345678901234567890123");
	const struct rlimit limit = {1000, 1000}; /* no multiple of the line's 46 bytes */
	struct eventlog_damage damage;
	struct eventlog *log = open_log();
	size_t written = 0, errors = 0;
	struct err *e = NULL;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 100; i++) {
		written += eventlog_write(log, obj, &e) == 0 && !eventlog_failed(log);
		errors += e != NULL;
		err_free(&e);
	}
	ck_assert_uint_eq(errors, 1);
	ck_assert(eventlog_failed(log));
	ck_assert_uint_eq(written, 1000 / 46);
	ck_assert_int_eq(eventlog_close(&log, &e), 0);
	ck_assert_uint_eq(read_log(&damage), written);
	ck_assert_uint_eq(damage.count, 0);
	ck_assert(!damage.truncated);
}
END_TEST

static void *write_many(void *log)
{
	cleanup_json json_t *obj = json_pack("{s:s}", "type", "event");

	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(eventlog_write(log, obj, NULL), 0);
	return NULL;
}

START_TEST(threads_do_not_mix_lines)
{
	struct eventlog *log = open_log();
	struct eventlog_damage damage;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, log), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(eventlog_close(&log, NULL), 0);
	ck_assert_uint_eq(read_log(&damage), 2000);
	ck_assert_uint_eq(damage.count, 0);
}
END_TEST

START_TEST(damaged_lines_are_named)
{
	static const char text[] = "{\"type\":\"run\",\"format\":1}\n"
	                           "{\"type\":\"ev\n"
	                           "{\"type\":\"event\",\"x\":\"a\\u0000b\"}\n"
	                           "\0\0\0\n"
	                           "[1]\n"
	                           "\n"
	                           "{\"type\":\"event\",\"x\":\"\xff\"}\n"
	                           "{\"type\":\"end\"}\n"
	                           "{\"type\":\"end\",\"co";
	static const size_t expected[] = {2, 4, 5, 6, 7};
	struct eventlog_damage damage;

	write_log(text, sizeof(text) - 1);
	ck_assert_uint_eq(read_log(&damage), 3);
	ck_assert(damage.truncated);
	ck_assert_uint_eq(damage.count, 5);
	ck_assert_mem_eq(damage.lines, expected, sizeof(expected));
	eventlog_damage_free(&damage);
}
END_TEST

START_TEST(a_newer_format_is_refused)
{
	static const char text[] = "{\"type\":\"run\",\"format\":2}\n";
	cleanup_free char *path = log_path();
	struct eventlog_damage damage;
	struct err *e = NULL;
	size_t lines = 0;

	write_log(text, sizeof(text) - 1);
	ck_assert_int_eq(eventlog_read(path, count_line, &lines, &damage, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "newer"));
	err_free(&e);
	ck_assert_int_eq(eventlog_read("/nonexistent", count_line, &lines, &damage, &e), -1);
	err_free(&e);
}
END_TEST

START_TEST(any_bytes_make_a_string)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *line;
	} table[] = {
	    {"plain", 5, "{\"x\":\"plain\"}"},
	    {"a\0b", 3, "{\"x\":\"a\\u0000b\"}"},
	    {"\x1b[2J\n", 5, "{\"x\":\"\\u001B[2J\\n\"}"},
	    {"\xff\xff", 2, "{\"x\":\"\xef\xbf\xbd\xef\xbf\xbd\"}"},
	    {"a\xe2\x82", 3, "{\"x\":\"a\xef\xbf\xbd\"}"},
	    {"\xe2\x82"
	     "b",
	     3,
	     "{\"x\":\"\xef\xbf\xbd"
	     "b\"}"},
	    {"\xc0\xaf", 2, "{\"x\":\"\xef\xbf\xbd\xef\xbf\xbd\"}"},
	    {"\xf0\x9f\x90\xa7", 4, "{\"x\":\"\xf0\x9f\x90\xa7\"}"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_json json_t *obj = json_object();
		cleanup_free char *line = NULL;

		json_object_set_new(obj, "x", json_text(table[i].bytes, table[i].n));
		line = eventlog_line(obj);
		ck_assert_str_eq(line, table[i].line);
	}
}
END_TEST

START_TEST(times_are_rfc3339)
{
	cleanup_free char *text = eventlog_time(1704067199);

	ck_assert_str_eq(text, "2023-12-31T23:59:59Z");
}
END_TEST

Suite *suite_eventlog(void)
{
	Suite *suite = suite_create("eventlog");
	TCase *tc = tcase_create("eventlog");

	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, lines_come_back);
	tcase_add_test(tc, a_directory_is_used_once);
	tcase_add_test(tc, a_full_disk_leaves_whole_lines);
	tcase_add_test(tc, threads_do_not_mix_lines);
	tcase_add_test(tc, damaged_lines_are_named);
	tcase_add_test(tc, a_newer_format_is_refused);
	tcase_add_test(tc, any_bytes_make_a_string);
	tcase_add_test(tc, times_are_rfc3339);
	suite_add_tcase(suite, tc);
	return suite;
}
