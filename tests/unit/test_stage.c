/* Stages: their texts, and what they add to a job. */
#include <check.h>
#include <string.h>

#include "cleanup.h"
#include "stage.h"
#include "suites.h"

START_TEST(a_text_is_read_and_written)
{
	static const char *const texts[][2] = {
	    {"", ""},
	    {"private,last", ""},
	    {"shared", "shared"},
	    {"first", "first"},
	    {"submount,shared,before-common,exec", "shared,before-common,submount,exec"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		cleanup_free char *text = NULL;
		struct stage s;

		ck_assert_int_eq(stage_parse(texts[i][0], &s, NULL), 0);
		text = stage_text(&s);
		ck_assert_str_eq(text, texts[i][1]);
		stage_clear(&s);
	}
}
END_TEST

START_TEST(an_unknown_word_is_refused)
{
	cleanup_err struct err *e = NULL;
	struct stage s;

	ck_assert_int_lt(stage_parse("shared,submounts", &s, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "\"submounts\"; did you mean \"submount\"?"));
}
END_TEST

/* The content of one of the job's PAM files. */
static const char *content(const json_t *job, const char *path)
{
	json_t *file;
	size_t i;

	json_array_foreach(
	    json_object_get(job, "files"), i,
	    file) if (!strcmp(json_string_value(json_object_get(file, "path")),
	                      path)) return json_string_value(json_object_get(file, "content"));
	return NULL;
}

START_TEST(the_plain_stage_needs_no_files)
{
	cleanup_json json_t *job = json_object();
	const struct candidate c = {.file = (char *)"pam_x.so"};
	const struct stage plain = {0};

	ck_assert_int_eq(stage_add(&plain, &c, job, NULL), 0);
	ck_assert_ptr_null(json_object_get(job, "files"));
	ck_assert_str_eq(json_string_value(json_object_get(job, "root")), "private");
}
END_TEST

START_TEST(companions_stand_around_the_module)
{
	cleanup_json json_t *job = json_object(), *without = json_object();
	const struct candidate c = {.file = (char *)"pam_x.so"}, none = {0};
	const char *text;
	struct stage s;

	ck_assert_int_eq(stage_parse("shared,first,exec,namespace-after", &s, NULL), 0);
	ck_assert_int_eq(stage_add(&s, &c, job, NULL), 0);
	ck_assert_int_eq(stage_add(&s, &none, without, NULL), 0);
	stage_clear(&s);
	text = content(job, "/etc/pam.d/su");
	ck_assert_ptr_nonnull(strstr(text, "session optional pam_exec.so /bin/true\n"
	                                   "session required pam_x.so\n"
	                                   "session optional pam_exec.so /bin/true\n"
	                                   "session required pam_namespace.so\n"
	                                   "session required pam_env.so"));
	text = content(without, "/etc/pam.d/su");
	ck_assert_ptr_nonnull(strstr(text, "session optional pam_exec.so /bin/true\n"
	                                   "session optional pam_exec.so /bin/true\n"
	                                   "session required pam_namespace.so\n"));
	ck_assert_ptr_null(strstr(text, "pam_x.so"));
}
END_TEST

Suite *suite_stage(void)
{
	Suite *s = suite_create("stage");
	TCase *t = tcase_create("stage");

	tcase_add_test(t, a_text_is_read_and_written);
	tcase_add_test(t, an_unknown_word_is_refused);
	tcase_add_test(t, the_plain_stage_needs_no_files);
	tcase_add_test(t, companions_stand_around_the_module);
	suite_add_tcase(s, t);
	return s;
}
