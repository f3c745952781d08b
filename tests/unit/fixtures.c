#include "fixtures.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"

static void check_bad_file(const char *path, load_and_free *load)
{
	cleanup_file FILE *f = fopen(path, "re");
	cleanup_err struct err *e = NULL;
	cleanup_free char *where = NULL;
	char first[512], text[512] = "";
	unsigned line;

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(first, sizeof(first), f));
	ck_assert_int_eq(sscanf(first, "# %u: %511[^\n]", &line, text), 2);
	ck_assert_int_gt(asprintf(&where, "%s:%u: ", path, line), 0);
	ck_assert_msg(load(path, &e) < 0, "%s was loaded", path);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(!strchr(e->msg, '\n'), "%s: more than a line", e->msg);
	ck_assert_msg(!strncmp(e->msg, where, strlen(where)) && strstr(e->msg, text),
	              "\n  got      %s\n  expected %s... %s", e->msg, where, text);
}

unsigned check_bad_files(const char *folder, load_and_free *load)
{
	cleanup_free char *pattern = NULL;
	glob_t found = {0};
	unsigned n;

	ck_assert_int_ge(asprintf(&pattern, "tests/unit/data/%s/bad-*.yaml", folder), 0);
	ck_assert_msg(glob(pattern, 0, NULL, &found) == 0, "nothing fits %s", pattern);
	n = found.gl_pathc;
	for (unsigned i = 0; i < n; i++)
		check_bad_file(found.gl_pathv[i], load);
	globfree(&found);
	return n;
}
