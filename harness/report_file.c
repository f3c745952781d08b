#include "report_file.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"

int report_file_parse(const char *text, struct report_file *f, struct err **e)
{
	const char *equals = strchr(text, '=');
	cleanup_free char *name = equals ? strndup(text, equals - text) : NULL;

	*f = (struct report_file){0};
	if (!equals || !equals[1])
		return err_usage(e, "--report takes FORMAT=FILE, not \"%s\"", text);
	f->format = report_format(name, e);
	f->path = equals + 1;
	return f->format ? 0 : -1;
}

int report_file_open(struct report_file *f, struct err **e)
{
	f->out = fopen(f->path, "we");
	if (!f->out)
		return err_usage(e, "report %s: %s", f->path, strerror(errno));
	return 0;
}

int report_file_close(struct report_file *f, struct err **e)
{
	FILE *out = take_ptr(f->out);
	bool lost = out && ferror(out);

	errno = 0;
	if (out && (fclose(out) == EOF || lost))
		return err_set(e, errno, "write report %s", f->path);
	return 0;
}
