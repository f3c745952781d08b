#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"

/* Names, values and what other programs say are part of messages: whatever they hold, it stays one
 * line, and a terminal does not obey it. Takes the text. */
static char *one_line(char *msg)
{
	char *line = printable_rest(msg);

	free(msg);
	return line;
}

static int set(struct err **e, enum exit_status status, int errnum, const char *fmt, va_list ap)
{
	char *msg = NULL;

	if (!e)
		return -1;
	err_free(e);
	if (vasprintf(&msg, fmt, ap) < 0)
		abort();
	if (errnum > 0) {
		char *with = NULL;

		if (asprintf(&with, "%s: %s", msg, strerror(errnum)) < 0)
			abort();
		free(msg);
		msg = with;
	}
	*e = calloc(1, sizeof(**e));
	if (!*e)
		abort();
	(*e)->status = status;
	(*e)->msg = one_line(msg);
	return -1;
}

int err_set(struct err **e, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(e, EXIT_LAB, errnum, fmt, ap);
	va_end(ap);
	return -1;
}

int err_usage(struct err **e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(e, EXIT_USAGE, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err **e, const char *fmt, ...)
{
	cleanup_free char *context = NULL;
	char *msg = NULL;
	va_list ap;

	if (!e || !*e)
		return -1;
	va_start(ap, fmt);
	if (vasprintf(&context, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (asprintf(&msg, "%s: %s", context, (*e)->msg) < 0)
		abort();
	free((*e)->msg);
	(*e)->msg = one_line(msg);
	return -1;
}

enum exit_status err_report(struct err **e)
{
	enum exit_status status = *e ? (*e)->status : EXIT_LAB;

	fprintf(stderr, "pamlab: %s\n", *e ? (*e)->msg : "unknown error");
	err_free(e);
	return status;
}

void err_free(struct err **e)
{
	if (!e || !*e)
		return;
	free((*e)->msg);
	free(*e);
	*e = NULL;
}
