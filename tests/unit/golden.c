#include "golden.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "eventlog.h"
#include "paths.h"

static char *data_path(const char *name)
{
	char *path;

	/* The tests run from the source tree: make's working directory. */
	ck_assert_int_ge(asprintf(&path, "tests/unit/data/%s", name), 0);
	return path;
}

void check_golden(const char *name, const char *text)
{
	cleanup_free char *path = data_path(name);
	cleanup_free char *golden = NULL;
	const char *mode = getenv("PAMLAB_GOLDEN");
	struct err *e = NULL;

	if (mode && !strcmp(mode, "write")) {
		ck_assert_int_eq(write_file(path, text, strlen(text), &e), 0);
		return;
	}
	golden = read_file(path, NULL, &e);
	ck_assert_msg(golden != NULL, "%s", e ? e->msg : "");
	ck_assert_msg(!strcmp(golden, text), "%s differs; there is now:\n%s", path, text);
}

static int pass_on(void *data, size_t number, const json_t *obj)
{
	struct reporter *r = data;
	const char *type = json_string_value(json_object_get(obj, "type"));
	struct err *e = NULL;

	(void)number;
	ck_assert_ptr_nonnull(type);
	if (!strcmp(type, "run"))
		r->begin(r, obj);
	else if (!strcmp(type, "case"))
		r->case_done(r, obj);
	else if (!strcmp(type, "end"))
		ck_assert_int_eq(r->end(r, obj, &e), 0);
	return 0;
}

void feed(struct reporter *r, const char *log)
{
	cleanup_free char *path = data_path(log);
	struct eventlog_damage damage;
	struct err *e = NULL;

	ck_assert_int_eq(eventlog_read(path, pass_on, r, &damage, &e), 0);
	ck_assert_uint_eq(damage.count, 0);
	ck_assert(!damage.truncated);
	eventlog_damage_free(&damage);
	reporter_free(&r);
}

char *render(struct reporter *(*make)(FILE *out), const char *log)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	feed(make(out), log);
	fclose(out);
	return text;
}
