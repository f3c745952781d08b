#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ports.h"

static int64_t started;

int64_t guest_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void report_start(int64_t now)
{
	started = now;
}

static void send(json_t *event)
{
	char *text = json_dumps(event, JSON_COMPACT);

	if (text) {
		size_t len = strlen(text);

		text[len] = '\n'; /* in place of the NUL: one write for the line */
		debugcon_write(text, len + 1);
	}
	free(text);
	json_decref(event);
}

void report(const char *ev, const char *key, json_t *value)
{
	json_t *event = json_pack("{s:I, s:s}", "t", (json_int_t)(guest_now() - started), "ev", ev);

	if (key)
		json_object_set_new(event, key, value ? value : json_null());
	send(event);
}

void observe(const char *prefix, const char *name, json_t *value)
{
	json_t *event =
	    json_pack("{s:I, s:s, s:s++, s:o}", "t", (json_int_t)(guest_now() - started), "ev",
	              "obs", "name", prefix, name, "", "value", value ? value : json_null());

	if (event)
		send(event);
	else
		report_fault("observation %s%s cannot be written", prefix, name);
}

void report_fault(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report("fault", "text", json_string(text));
}
