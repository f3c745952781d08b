#include <archive.h>
#include <archive_entry.h>
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cpio.h"
#include "initramfs.h"
#include "paths.h"
#include "scratch.h"

Suite *suite_initramfs(void);

static struct overlay *fill(void)
{
	struct overlay *o = overlay_new();

	ck_assert_int_eq(overlay_add_dir(o, "/opt/lab", 0750, NULL), 0);
	ck_assert_int_eq(overlay_add_file(o, "/opt/lab/odd", 0640, "abc", 3, NULL), 0);
	ck_assert_int_eq(overlay_add_symlink(o, "opt/link", "/opt/lab", NULL), 0);
	ck_assert_int_eq(overlay_add_file(o, "opt/empty", 0755, "", 0, NULL), 0);
	return o;
}

/* One line an entry: PATH TYPE+MODE LINKS TARGET-OR-CONTENT */
static char *list(const void *data, size_t len)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char *text = NULL;
	size_t used = 0;
	FILE *out = open_memstream(&text, &used);

	archive_read_support_format_cpio(a);
	ck_assert_int_eq(archive_read_open_memory(a, data, len), ARCHIVE_OK);
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		const char *target = archive_entry_symlink(entry);
		char content[16] = "";

		archive_read_data(a, content, sizeof(content) - 1);
		fprintf(out, "%s %o %u %s\n", archive_entry_pathname(entry),
		        archive_entry_mode(entry), archive_entry_nlink(entry),
		        target ? target : content);
		ck_assert_int_eq(archive_entry_uid(entry), 0);
	}
	fclose(out);
	archive_read_free(a);
	return text;
}

START_TEST(test_contents)
{
	cleanup_overlay struct overlay *o = fill();
	cleanup_free char *text = NULL;
	size_t len = 0;
	const void *data = overlay_bytes(o, &len, NULL);

	ck_assert_ptr_nonnull(data);
	text = list(data, len);
	ck_assert_str_eq(text, "opt/lab 40750 1 \n"
	                       "opt/lab/odd 100640 1 abc\n"
	                       "opt/link 120777 1 /opt/lab\n"
	                       "opt/empty 100755 1 \n");
}
END_TEST

START_TEST(test_same_calls_same_bytes)
{
	cleanup_overlay struct overlay *a = fill(), *b = fill();
	size_t la = 0, lb = 0;
	const void *da = overlay_bytes(a, &la, NULL), *db = overlay_bytes(b, &lb, NULL);

	ck_assert_uint_eq(la, lb);
	ck_assert_mem_eq(da, db, la);
	ck_assert_uint_eq(la % 4, 0);
}
END_TEST

START_TEST(test_refuses)
{
	static const char *const bad[] = {"", "/", "..", "/../etc", "a/../b", "a/.."};
	cleanup_overlay struct overlay *o = overlay_new();
	cleanup_err struct err *e = NULL;
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_lt(overlay_add_file(o, bad[i], 0644, "", 0, NULL), 0);
	ck_assert_int_eq(overlay_add_file(o, "a/..b/c..", 0644, "", 0, NULL), 0);
	ck_assert_int_lt(overlay_add_from(o, "a", 0644, "/no/such/file", &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "/no/such/file"));
	ck_assert_ptr_nonnull(overlay_bytes(o, &len, NULL));
	ck_assert_int_lt(overlay_add_file(o, "late", 0644, "", 0, NULL), 0);
}
END_TEST

START_TEST(test_behind_an_image)
{
	cleanup_overlay struct overlay *o = fill();
	cleanup_free char *all = NULL;
	size_t len = 0, n = 0;
	const void *data = overlay_bytes(o, &len, NULL);

	scratch_write("image", "12345", 5, 0644); /* an odd length: padded */
	ck_assert_int_eq(initramfs_write(scratch("image"), o, scratch("out"), NULL), 0);
	all = read_file(scratch("out"), &n, NULL);
	ck_assert_uint_eq(n, 8 + len);
	ck_assert_mem_eq(all, "12345\0\0\0", 8);
	ck_assert_mem_eq(all + 8, data, len);
}
END_TEST

START_TEST(test_missing_image)
{
	cleanup_err struct err *e = NULL;

	ck_assert_int_lt(initramfs_write(scratch("none"), NULL, scratch("out"), &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "none"));
	ck_assert_int_ne(access(scratch("out"), F_OK), 0);
}
END_TEST

static void tar_entry(struct archive *a, const char *path, mode_t type, const char *link,
                      const char *content)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, 04755);
	archive_entry_set_mtime(entry, 2000000000, 0);
	archive_entry_set_size(entry, content ? (la_int64_t)strlen(content) : 0);
	if (link)
		archive_entry_set_hardlink(entry, link);
	ck_assert_int_eq(archive_write_header(a, entry), ARCHIVE_OK);
	if (content)
		archive_write_data(a, content, strlen(content));
	archive_entry_free(entry);
}

/* What becomes of a tar archive: hard links keep, devices go, names outside ASCII stay. */
START_TEST(test_from_tar)
{
	struct archive *a = archive_write_new();
	cleanup_free char *data = NULL, *text = NULL;
	size_t len = 0;

	archive_write_set_format_pax_restricted(a);
	ck_assert_int_eq(archive_write_open_filename(a, scratch("t.tar")), ARCHIVE_OK);
	tar_entry(a, "./a", AE_IFREG, NULL, "one");
	tar_entry(a, "./dev", AE_IFDIR, NULL, NULL);
	tar_entry(a, "./dev/null", AE_IFCHR, NULL, NULL);
	tar_entry(a, "./b", AE_IFREG, "./a", NULL);
	tar_entry(a, "./c", AE_IFREG, NULL, "two");
	archive_write_free(a);
	ck_assert_int_eq(cpio_from_archive(scratch("t.tar"), scratch("t.cpio"), 1000, NULL), 0);
	data = read_file(scratch("t.cpio"), &len, NULL);
	/* newc: a magic of six digits; inode, mode, uid, gid, links, mtime, eight hex digits each
	 */
	ck_assert_int_eq(strncmp(data + 46, "000003e8", 8), 0);
	text = list(data, len);
	ck_assert_str_eq(text, "./a 104755 2 one\n"
	                       "./dev/ 44755 1 \n"
	                       "./b 104755 2 \n"
	                       "./c 104755 1 two\n");
}
END_TEST

START_TEST(test_not_an_archive)
{
	cleanup_err struct err *e = NULL;

	scratch_write("junk", "this is no archive of any kind", 30, 0644);
	ck_assert_int_lt(cpio_from_archive(scratch("junk"), scratch("out"), 0, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "junk"));
}
END_TEST

Suite *suite_initramfs(void)
{
	Suite *s = suite_create("initramfs");
	TCase *t = tcase_create("initramfs");

	tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
	tcase_add_test(t, test_contents);
	tcase_add_test(t, test_same_calls_same_bytes);
	tcase_add_test(t, test_refuses);
	tcase_add_test(t, test_behind_an_image);
	tcase_add_test(t, test_missing_image);
	tcase_add_test(t, test_from_tar);
	tcase_add_test(t, test_not_an_archive);
	suite_add_tcase(s, t);
	return s;
}
