/* The candidates are built here with the compiler, read, and never loaded. */
#include <check.h>
#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "elfcheck.h"
#include "paths.h"
#include "scratch.h"
#include "suites.h"

#define OPENS  "int pam_sm_open_session(void) { return getuid() + (weak ? weak() : 0); }\n"
#define CLOSES "int pam_sm_close_session(void) { return pam_get_user(); }\n"
#define USES   "int getuid(void), pam_get_user(void), weak(void) __attribute__((weak));\n"
#define WHOLE  USES OPENS CLOSES

static char *in_dir(const char *name)
{
	return strdup(scratch("%s", name));
}

static void put(const char *name, const void *data, size_t n)
{
	ck_assert_int_eq(write_file(scratch("%s", name), data, n, NULL), 0);
}

static char *build(const char *source, const char *flags)
{
	cleanup_free char *command = NULL;
	char *path = in_dir("m.so");

	put("m.c", source, strlen(source));
	ck_assert_int_ge(asprintf(&command, "cd %s && gcc -o m.so m.c %s", scratch("."), flags), 0);
	ck_assert_int_eq(system(command), 0); /* NOLINT: fixed words and a folder of our own */
	return path;
}

static void check_refused(const char *path, const char *words)
{
	struct err *e = NULL;

	ck_assert_int_eq(candidate_check(path, &e), -1);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, words) != NULL, "no \"%s\" in: %s", words, e->msg);
	ck_assert_ptr_null(strchr(e->msg, '\n'));
	err_free(&e);
}

START_TEST(a_module_is_accepted)
{
	cleanup_free char *path = build(WHOLE, "-shared -fPIC -w -lpam");
	struct err *e = NULL;

	ck_assert_int_eq(candidate_check(path, &e), 0);
}
END_TEST

START_TEST(what_is_no_module_is_told)
{
	static const struct {
		const char *source, *flags, *words;
	} table[] = {
	    {"int x;", "-shared -fPIC",
	     "exports no pam_sm_open_session and no pam_sm_close_session"},
	    {WHOLE, "-shared -fPIC -w -fvisibility=hidden", "exports no pam_sm_open_session"},
	    {USES OPENS, "-shared -fPIC -w", "exports no pam_sm_close_session"},
	    {USES CLOSES, "-shared -fPIC -w", "exports no pam_sm_open_session: "},
	    {"int pam_sm_open_session;", "-shared -fPIC", "exports no pam_sm_open_session"},
	    {"int main(void) { return 0; }", "-pie -fPIE", "a program, no shared object"},
	    {"int main(void) { return 0; }", "-static", "is a program, no shared object"},
	    {WHOLE, "-c -w", "an object file (.o)"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		cleanup_free char *path = build(table[i].source, table[i].flags);

		check_refused(path, table[i].words);
	}
}
END_TEST

START_TEST(what_is_no_elf_file_is_told)
{
	cleanup_free char *text = in_dir("text.so"), *empty = in_dir("empty.so");
	cleanup_free char *short_elf = in_dir("short.so"), *archive = in_dir("a.a");
	cleanup_free char *odd = in_dir("a\nb\x1b.so"), *fifo = in_dir("fifo");

	put("text.so", "#!/bin/sh\n", 10);
	put("empty.so", "", 0);
	put("short.so",
	    "\x7f"
	    "ELF",
	    4);
	put("a.a", "!<arch>\n", 8);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	check_refused(text, "no ELF file");
	check_refused(empty, "is empty");
	check_refused(short_elf, "short.so is");
	check_refused(archive, "static library");
	check_refused(odd, "a\\nb\\x1b.so is not there");
	check_refused(scratch("."), "is a directory");
	check_refused(fifo, "no regular file");
	check_refused("/dev/null/x.so", "Not a directory");
}
END_TEST

START_TEST(another_machine_is_named)
{
	cleanup_free char *path = build(WHOLE, "-shared -fPIC -w");
	cleanup_free char *other = in_dir("other.so"), *bytes = NULL;
	size_t n;

	bytes = read_file(path, &n, NULL);
	bytes[offsetof(Elf64_Ehdr, e_machine)] = (char)EM_AARCH64;
	put("other.so", bytes, n);
	check_refused(other, "is for AArch64 (64-bit, little-endian");
	bytes[offsetof(Elf64_Ehdr, e_machine)] = EM_X86_64;
	bytes[EI_CLASS] = ELFCLASS32;
	put("other.so", bytes, n);
	check_refused(other, "is for x86-64 (32-bit, little-endian");
}
END_TEST

START_TEST(a_segment_that_is_not_there_is_told)
{
	cleanup_free char *path = build(WHOLE, "-shared -fPIC -w");
	cleanup_free char *other = in_dir("other.so"), *bytes = NULL;
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	size_t n;

	bytes = read_file(path, &n, NULL);
	memcpy(&eh, bytes, sizeof(eh));
	memcpy(&ph, bytes + eh.e_phoff, sizeof(ph));
	ck_assert_uint_eq(ph.p_type, PT_LOAD);
	ph.p_filesz = n + 1;
	memcpy(bytes + eh.e_phoff, &ph, sizeof(ph));
	put("other.so", bytes, n);
	check_refused(other, "it is cut off");
	ph.p_filesz = 16;
	ph.p_offset = UINT64_MAX - 8; /* the sum overflows */
	memcpy(bytes + eh.e_phoff, &ph, sizeof(ph));
	put("other.so", bytes, n);
	check_refused(other, "it is cut off");
}
END_TEST

/* Whatever the file is, it is read to the end of what it claims, and no further. */
static void read_all(const char *path)
{
	struct err *e = NULL;

	candidate_check(path, &e);
	err_free(&e);
}

START_TEST(truncated_files_are_refused)
{
	cleanup_free char *path = build(WHOLE, "-shared -fPIC -w");
	cleanup_free char *cut = in_dir("cut.so"), *bytes = NULL;
	size_t n;

	bytes = read_file(path, &n, NULL);
	for (size_t len = 1; len < n; len += len < 1024 ? 7 : 97) {
		struct err *e = NULL;

		put("cut.so", bytes, len);
		ck_assert_msg(candidate_check(cut, &e) < 0, "%zu of %zu bytes pass", len, n);
		err_free(&e);
		read_all(cut);
	}
}
END_TEST

START_TEST(damaged_files_do_no_harm)
{
	cleanup_free char *path = build(WHOLE, "-shared -fPIC -w -lpam");
	cleanup_free char *bad = in_dir("bad.so"), *bytes = NULL, *copy = NULL;
	unsigned long state = 12345; /* the same damage in each run */
	size_t n;

	bytes = read_file(path, &n, NULL);
	copy = malloc(n);
	for (int round = 0; round < 3000; round++) {
		memcpy(copy, bytes, n);
		for (int flips = 0; flips < 1 + round % 8; flips++) {
			size_t at;

			state = state * 6364136223846793005UL + 1442695040888963407UL;
			at = (state >> 16) % n;
			/* Headers and the section table have most of what can go wrong. */
			if (round % 3 == 0)
				at %= 680;
			else if (round % 3 == 1)
				at = n - 1 - at % (n > 1920 ? 1920 : n);
			copy[at] = (char)(copy[at] ^ (1 << (state >> 60 & 7)));
			if (round % 5 == 0)
				copy[at] = (char)0xff;
		}
		put("bad.so", copy, n);
		read_all(bad);
	}
}
END_TEST

Suite *suite_elfcheck(void)
{
	Suite *suite = suite_create("elfcheck");
	TCase *tc = tcase_create("elfcheck");

	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_module_is_accepted);
	tcase_add_test(tc, what_is_no_module_is_told);
	tcase_add_test(tc, what_is_no_elf_file_is_told);
	tcase_add_test(tc, another_machine_is_named);
	tcase_add_test(tc, a_segment_that_is_not_there_is_told);
	tcase_add_test(tc, truncated_files_are_refused);
	tcase_add_test(tc, damaged_files_do_no_harm);
	suite_add_tcase(suite, tc);
	return suite;
}
