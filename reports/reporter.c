#include "reporter.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "printable.h"
#include "text.h"

enum verdict case_verdict(const json_t *obj)
{
	const char *name = json_string_value(json_object_get(obj, "verdict"));

	for (int v = 0; name && v < VERDICT_COUNT; v++)
		if (!strcmp(name, verdict_names[v]))
			return v;
	return VERDICT_ERROR;
}

bool case_known(const json_t *obj)
{
	return json_is_true(json_object_get(obj, "known"));
}

char *case_place(const json_t *obj)
{
	json_int_t line = json_integer_value(json_object_get(obj, "line"));
	const json_t *file = json_object_get(obj, "file");
	cleanup_free char *shown = printable_json(file, NULL);

	if (!json_is_string(file))
		return NULL;
	if (line <= 0)
		return take_ptr(shown);
	return text_format("%s:%lld", shown, (long long)line);
}

struct style style_of(FILE *out)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: set and not empty */
	struct style style = {.tty = isatty(fileno(out))};
	struct winsize size;

	if (!style.tty)
		return style;
	style.colour = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	style.columns = 80;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		style.columns = size.ws_col;
	return style;
}

/* The other end of a pipe, a socket or a terminal is closed (poll(2)). The error of the write that
 * met this may be long past, and what it was about to write is dropped. */
static bool reader_left(FILE *out)
{
	struct pollfd p = {.fd = fileno(out)};

	return poll(&p, 1, 0) == 1 && p.revents & (POLLERR | POLLHUP);
}

int report_flush(FILE *out, struct err **e)
{
	bool lost = ferror(out);
	int errnum;

	errno = 0;
	lost |= fflush(out) == EOF;
	errnum = errno;
	if (!lost || reader_left(out))
		return 0;
	/* Nothing was left to be flushed, and the failure is long past: one more byte tells, of a
	 * report that is spoilt already. */
	if (!errnum && write(fileno(out), "\n", 1) < 0)
		errnum = errno;
	return err_set(e, errnum, "write the report");
}
