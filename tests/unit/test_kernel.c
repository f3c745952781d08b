#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "scratch.h"

Suite *suite_kernel(void);

static void write_kernel(const char *path, const char *magic)
{
	char image[0x400] = {0};

	memcpy(image + 0x202, magic, 4);
	scratch_write(path, image, sizeof(image), 0644);
}

static void cache_kernel(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "cache/kernels/%s/vmlinuz", name);
	write_kernel(path, "HdrS");
	snprintf(path, sizeof(path), "cache/kernels/%s/hash", name);
	scratch_write(path, name, strlen(name), 0644);
}

static void expect(const char *which, const char *name)
{
	cleanup_kernel struct kernel k = {0};
	cleanup_err struct err *e = NULL;

	ck_assert_msg(kernel_get(which, false, NULL, NULL, &k, &e) == 0, "%s", e ? e->msg : "");
	ck_assert_str_eq(k.name, name);
}

static void expect_refused(const char *which, const char *hint)
{
	cleanup_kernel struct kernel k = {0};
	cleanup_err struct err *e = NULL;

	ck_assert_int_lt(kernel_get(which, false, NULL, NULL, &k, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, hint), "%s", e->msg);
	ck_assert_ptr_null(k.name);
}

START_TEST(test_cache)
{
	expect_refused("6.1", "pamlab image build 6.1");
	cache_kernel("linux-6.1.99");
	cache_kernel("linux-6.1.192");
	cache_kernel("linux-6.1.200-minimal");
	cache_kernel("linux-6.12.3");
	expect(NULL, "linux-6.1.192"); /* by version, not by letters */
	expect("6.1", "linux-6.1.192");
	expect("6.12", "linux-6.12.3");
	expect("minimal", "linux-6.1.200-minimal");
	expect("linux-6.1.99", "linux-6.1.99");
}
END_TEST

START_TEST(test_file)
{
	cleanup_kernel struct kernel k = {0};

	write_kernel("my kernel", "HdrS");
	ck_assert_int_eq(kernel_get(scratch("my kernel"), false, NULL, NULL, &k, NULL), 0);
	ck_assert_str_eq(k.name, "my-kernel");
	ck_assert_str_eq(k.vmlinuz, scratch("my kernel"));
	ck_assert_uint_eq(strlen(k.hash), 64);
	write_kernel("elf", "junk");
	expect_refused(scratch("elf"), "bzImage");
	expect_refused(scratch("none"), "No such file");
	expect_refused(scratch("."), "bzImage");
}
END_TEST

START_TEST(test_unknown)
{
	expect_refused("minimla", "did you mean 'minimal'?");
	expect_refused("..", "unknown kernel");
	expect_refused("linux-6.1.1", "unknown kernel");
}
END_TEST

Suite *suite_kernel(void)
{
	Suite *s = suite_create("kernel");
	TCase *t = tcase_create("kernel");

	tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
	tcase_add_test(t, test_cache);
	tcase_add_test(t, test_file);
	tcase_add_test(t, test_unknown);
	suite_add_tcase(s, t);
	return s;
}
