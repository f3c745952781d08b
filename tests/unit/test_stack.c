#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stack.h"

Suite *suite_stack(void);

static const char *find(json_t *files, const char *path)
{
	json_t *f;
	size_t i;

	json_array_foreach(files, i, f)
	{
		if (strcmp(json_string_value(json_object_get(f, "path")), path) == 0)
			return json_string_value(json_object_get(f, "content"));
	}
	ck_abort_msg("no %s", path);
	return NULL;
}

static size_t count(json_t *files, const char *text)
{
	size_t n = 0, i;
	json_t *f;

	json_array_foreach(files, i, f)
	{
		n += strstr(json_string_value(json_object_get(f, "content")), text) != NULL;
	}
	return n;
}

START_TEST(test_without_candidate)
{
	cleanup_json json_t *files = stack_expand(NULL, NULL, NULL, NULL, NULL);
	json_t *f;
	size_t i;

	ck_assert_ptr_nonnull(files);
	ck_assert_uint_eq(count(files, "CANDIDATE"), 0);
	ck_assert_uint_eq(count(files, "@file"), 0);
	ck_assert_str_eq(find(files, "/etc/pam.d/su-l"),
	                 "auth include su\naccount include su\npassword include su\n"
	                 "session optional pam_keyinit.so force revoke\nsession include su\n");
	ck_assert_str_eq(find(files, "/etc/pam.d/pamtester"),
	                 "@include common-auth\n@include common-account\n"
	                 "@include common-session\n@include common-password\n");
	json_array_foreach(files, i, f)
	{
		ck_assert_int_eq(json_integer_value(json_object_get(f, "mode")), 0644);
		ck_assert_ptr_null(
		    strstr(json_string_value(json_object_get(f, "content")), "\n\n"));
	}
}
END_TEST

static const struct {
	const char *position, *service, *want;
} positions[] = {
    {"last", "su", "@include common-session\nsession required pam_x.so a=1 [b c]\n"},
    {"first", "su",
     "auth sufficient pam_rootok.so\nsession required pam_x.so a=1 [b c]\n"
     "session required pam_env.so"},
    {"before-loginuid", "sshd",
     "account\nsession required pam_x.so a=1 [b c]\n"
     "session required pam_loginuid.so\n"},
    {"before-common", "login",
     "account\nsession required pam_x.so a=1 [b c]\n"
     "@include common-session\n"},
    {"last", "sshd", "locale\nsession required pam_x.so a=1 [b c]\n@include common-password"},
    {"last", "pamlab-pamtester",
     "session requisite pam_x.so a=1 [b c]\nsession required pam_exec.so "
     "type=open_session /usr/lib/pamlab/session-exec\n"},
};

START_TEST(test_positions)
{
	cleanup_json json_t *files =
	    stack_expand("required", "pam_x.so", "a=1 [b c]", positions[_i].position, NULL);
	char path[64];

	ck_assert_ptr_nonnull(files);
	snprintf(path, sizeof(path), "/etc/pam.d/%s", positions[_i].service);
	ck_assert_msg(strstr(find(files, path), positions[_i].want), "%s", find(files, path));
	/* su, sudo, sudo-i, sshd, login, cron, pamtester, pamlab-pamtester,
	 * pamlab-caller, other: once each */
	ck_assert_uint_eq(count(files, "pam_x.so"), 10);
}
END_TEST

/* What is given reaches the stack as it is, whatever it would mean to cpp or printf. */
START_TEST(test_arguments_are_not_expanded)
{
	const char *args = "LAST FIRST %s%n __LINE__ \"quoted 'x /*";
	cleanup_json json_t *files =
	    stack_expand("[success=ok default=bad]", "/a/pam_LAST.so", args, NULL, NULL);

	ck_assert_ptr_nonnull(files);
	ck_assert_ptr_nonnull(strstr(find(files, "/etc/pam.d/su"), args));
	ck_assert_uint_eq(count(files, "session [success=ok default=bad] /a/pam_LAST.so LAST"), 9);
}
END_TEST

static const struct {
	const char *control, *module, *args, *position, *hint;
} refused[] = {
    {"requierd", "pam_x.so", NULL, NULL, "perhaps required"},
    {"include", "pam_x.so", NULL, NULL, "include"},
    {"[success=ok", "pam_x.so", NULL, NULL, "[success=ok"},
    {"[a]\nauth [b]", "pam_x.so", NULL, NULL, "line break"},
    {"[]", "pam_x.so", NULL, NULL, "control"},
    {NULL, "", NULL, NULL, "module"},
    {NULL, "a b.so", NULL, NULL, "a b.so"},
    {NULL, "a.so\nauth sufficient pam_permit.so", NULL, NULL, "line break"},
    {NULL, "pam_x.so", "a\nauth sufficient pam_permit.so", NULL, "line break"},
    {NULL, "pam_x.so", "a#b", NULL, "comment"},
    {NULL, "pam_x.so", "a \\", NULL, "backslash"},
    {NULL, "pam_x.so", "[a b", NULL, "']'"},
    {NULL, "pam_x.so", "[a b\\]", NULL, "']'"},
    {NULL, "pam_x.so", NULL, "lats", "did you mean 'last'"},
    {NULL, "pam_x.so", NULL, "somewhere", "before-loginuid"},
};

START_TEST(test_refuses)
{
	cleanup_err struct err *e = NULL;

	ck_assert_ptr_null(stack_expand(refused[_i].control, refused[_i].module, refused[_i].args,
	                                refused[_i].position, &e));
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, refused[_i].hint), "%s", e->msg);
	ck_assert_ptr_null(strchr(e->msg, '\n'));
}
END_TEST

START_TEST(test_too_long)
{
	char args[2000];

	memset(args, 'x', sizeof(args));
	args[sizeof(args) - 1] = '\0';
	ck_assert_ptr_null(stack_expand(NULL, "pam_x.so", args, NULL, NULL));
	args[900] = '\0';
	cleanup_json json_t *files = stack_expand(NULL, "pam_x.so", args, NULL, NULL);
	ck_assert_ptr_nonnull(files);
}
END_TEST

Suite *suite_stack(void)
{
	Suite *s = suite_create("stack");
	TCase *t = tcase_create("stack");

	tcase_add_test(t, test_without_candidate);
	tcase_add_loop_test(t, test_positions, 0, sizeof(positions) / sizeof(positions[0]));
	tcase_add_test(t, test_arguments_are_not_expanded);
	tcase_add_loop_test(t, test_refuses, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, test_too_long);
	suite_add_tcase(s, t);
	return s;
}
