#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"
#include "text.h"

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
	char *msg;

	if (!e)
		return -1;
	err_free(e);
	msg = text_vformat(fmt, ap);
	if (errnum > 0) {
		char *with = text_format("%s: %s", msg, strerror(errnum));

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
	char *msg;
	va_list ap;

	if (!e || !*e)
		return -1;
	va_start(ap, fmt);
	context = text_vformat(fmt, ap);
	va_end(ap);
	msg = text_format("%s: %s", context, (*e)->msg);
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
