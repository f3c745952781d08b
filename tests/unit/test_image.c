#include <check.h>

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "image.h"
#include "scratch.h"

Suite *suite_image(void);

/* A recipe that makes an archive of one file, and says and fails as told. */
static void write_recipe(const char *script)
{
	scratch_write("home/images/tiny/build", script, strlen(script), 0755);
	setenv("PAMLAB_HOME", scratch("home"), 1);
}

static const char good[] = "#!/bin/sh\n"
                           "echo 'I: at work'\n"
                           "echo run >>\"$(dirname \"$0\")/../../../runs\"\n"
                           "echo content >$1/f; tar -C $1 --mtime=@0 -cf $1/root.tar ./f; rm $1/f\n"
                           "echo 'p 1' >$1/packages; echo pam_x.so >$1/modules\n";

static size_t count(const char *pattern)
{
	glob_t found;
	size_t n = glob(scratch("%s", pattern), 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	globfree(&found);
	return n;
}

#define HEARD_MAX 256

static void note(const char *line, void *arg)
{
	size_t used = strlen(arg);

	snprintf((char *)arg + used, HEARD_MAX - used, "%s;", line);
}

START_TEST(test_builds_once)
{
	cleanup_image struct image a = {0}, b = {0};
	cleanup_err struct err *e = NULL;
	char heard[HEARD_MAX] = "";

	write_recipe(good);
	ck_assert_int_lt(image_get("tiny", false, NULL, NULL, &a, &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "pamlab image build tiny"));
	ck_assert_msg(image_get("tiny", true, note, heard, &a, &e) == 0, "%s", e->msg);
	ck_assert_str_eq(heard, "at work;converting to cpio;");
	ck_assert_str_eq(a.name, "tiny");
	ck_assert_uint_eq(strlen(a.hash), 64);
	ck_assert_int_eq(access(a.cpio, R_OK), 0);
	ck_assert_int_eq(access(a.packages, R_OK), 0);
	ck_assert_int_eq(access(a.modules, R_OK), 0);
	ck_assert_uint_eq(count("cache/images/tiny-*/root.tar"), 0);
	/* Again: from the cache, without the script. */
	scratch_write("runs", "", 0, 0644);
	ck_assert_int_eq(image_get("tiny", true, NULL, NULL, &b, NULL), 0);
	ck_assert_str_eq(a.hash, b.hash);
	ck_assert_uint_eq(count("runs"), 1);
}
END_TEST

START_TEST(test_recipe_is_the_key)
{
	cleanup_image struct image a = {0}, b = {0};

	write_recipe(good);
	ck_assert_int_eq(image_get("tiny", true, NULL, NULL, &a, NULL), 0);
	scratch_write("home/images/tiny/more", "x", 1, 0644);
	ck_assert_int_lt(image_get("tiny", false, NULL, NULL, &b, NULL), 0);
	ck_assert_int_eq(image_get("tiny", true, NULL, NULL, &b, NULL), 0);
	ck_assert_str_ne(a.cpio, b.cpio);
	ck_assert_str_eq(a.hash, b.hash); /* the same bytes nevertheless */
}
END_TEST

static const struct {
	const char *script, *hint;
} failures[] = {
    {"#!/bin/sh\necho 'E: cause' >&2; echo 'E: effect' >&2; exit 4\n", "effect (cause)"},
    {"#!/bin/sh\nexit 4\n", "exit status 4"},
    {"#!/bin/sh\nkill -9 $$\n", "Killed"},
    {"#!/bin/sh\necho 'tar: f: No space left on device'; exit 1\n", "No space left"},
    {"#!/no/such/interpreter\n", "No such file"},
    {"#!/bin/sh\necho junk >$1/root.tar\n", "root.tar"},
    {"#!/bin/sh\n: nothing made\n", "root.tar"},
};

START_TEST(test_failure_leaves_nothing)
{
	cleanup_image struct image a = {0};
	cleanup_err struct err *e = NULL;

	write_recipe(failures[_i].script);
	ck_assert_int_lt(image_get("tiny", true, NULL, NULL, &a, &e), 0);
	ck_assert_msg(strstr(e->msg, failures[_i].hint), "%s", e->msg);
	ck_assert_ptr_null(strchr(e->msg, '\n'));
	ck_assert_ptr_null(a.name);
	ck_assert_uint_eq(count("cache/images/tiny-*"), 0);
	ck_assert_uint_eq(count("cache/images/.making-*"), 0);
}
END_TEST

START_TEST(test_interrupted)
{
	const struct timespec tick = {.tv_nsec = 20000000};
	pid_t pid;
	int status;

	write_recipe("#!/bin/sh\necho $$ >$(dirname $0)/../../../pid\nexec sleep 60\n");
	pid = fork();
	if (pid == 0) {
		cleanup_image struct image a = {0};

		signal(SIGINT, SIG_DFL); /* libcheck's handler would end the test */
		image_get("tiny", true, NULL, NULL, &a, NULL);
		_exit(0);
	}
	for (int i = 0; i < 250 && !count("pid"); i++)
		nanosleep(&tick, NULL);
	kill(pid, SIGINT);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	ck_assert_uint_eq(count("cache/images/.making-*"), 0);
}
END_TEST

START_TEST(test_sweeps_up)
{
	cleanup_image struct image a = {0};

	write_recipe(good);
	scratch_write("cache/images/.making-tiny.dead00/junk", "x", 1, 0644);
	scratch_write("cache/images/.making-other.dead00/junk", "x", 1, 0644);
	ck_assert_int_eq(image_get("tiny", true, NULL, NULL, &a, NULL), 0);
	ck_assert_uint_eq(count("cache/images/.making-tiny*"), 0);
	ck_assert_uint_eq(count("cache/images/.making-other*"), 1);
}
END_TEST

START_TEST(test_own_archive)
{
	cleanup_image struct image a = {0}, b = {0};
	char tar[4096];

	write_recipe(good);
	ck_assert_int_eq(image_get("tiny", true, NULL, NULL, &a, NULL), 0);
	snprintf(tar, sizeof(tar), "cp %s '%s'", a.cpio, scratch("my root.cpio"));
	ck_assert_int_eq(system(tar), 0);
	ck_assert_int_eq(image_get(scratch("my root.cpio"), false, NULL, NULL, &b, NULL), 0);
	ck_assert_str_eq(b.name, "my-root");
	ck_assert_str_eq(b.hash, a.hash);
	ck_assert_ptr_null(b.packages);
}
END_TEST

START_TEST(test_unknown)
{
	cleanup_image struct image a = {0};
	cleanup_err struct err *e = NULL;

	write_recipe(good);
	ck_assert_int_lt(image_get("tniy", true, NULL, NULL, &a, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "did you mean 'tiny'?"));
	ck_assert_int_lt(image_get("fedora", true, NULL, NULL, &a, &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "pamlab image list"));
	ck_assert_int_lt(image_get("/no/such.tar", true, NULL, NULL, &a, &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "No such file"));
}
END_TEST

Suite *suite_image(void)
{
	Suite *s = suite_create("image");
	TCase *t = tcase_create("image");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
	tcase_add_test(t, test_builds_once);
	tcase_add_test(t, test_recipe_is_the_key);
	tcase_add_loop_test(t, test_failure_leaves_nothing, 0,
	                    sizeof(failures) / sizeof(failures[0]));
	tcase_add_test(t, test_interrupted);
	tcase_add_test(t, test_sweeps_up);
	tcase_add_test(t, test_own_archive);
	tcase_add_test(t, test_unknown);
	suite_add_tcase(s, t);
	return s;
}
