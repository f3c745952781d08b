#include "scratch.h"

#include <check.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "paths.h"

static char dir[PATH_MAX];

const char *scratch(const char *fmt, ...)
{
	static char paths[4][PATH_MAX * 2];
	static unsigned int next;
	char *path = paths[next++ % 4];
	int n = sprintf(path, "%s/", dir);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + n, PATH_MAX, fmt, ap);
	va_end(ap);
	return path;
}

void scratch_setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/pamlab-unit.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("PAMLAB_CACHE", scratch("cache"), 1);
}

void scratch_teardown(void)
{
	ck_assert_int_eq(remove_tree(dir, NULL), 0);
	unsetenv("PAMLAB_CACHE");
	unsetenv("PAMLAB_HOME");
}

void scratch_write(const char *path, const void *data, unsigned long len, unsigned int mode)
{
	char *parent = strdup(scratch("%s", path));

	*strrchr(parent, '/') = '\0';
	ck_assert_int_eq(make_dirs(parent, NULL), 0);
	free(parent);
	ck_assert_int_eq(write_file(scratch("%s", path), data, len, NULL), 0);
	ck_assert_int_eq(chmod(scratch("%s", path), mode), 0);
}
