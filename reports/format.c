/* The formats that a report can have. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"
#include "reporter.h"
#include "suggest.h"

static struct reporter *make_table(FILE *out)
{
	return table_reporter(out, style_of(out));
}

const struct report_format report_formats[] = {
    {"ktap", "Kernel TAP version 1", ktap_reporter, false},
    {"json", "the lines of the event log, without the guests' events", jsonl_reporter, false},
    {"table", "a table of scenarios by entry, then each failure", make_table, true},
    {"junit", "JUnit XML, for Jenkins and GitLab", junit_reporter, true},
    {"sarif", "SARIF 2.1.0, for code scanning", sarif_reporter, true},
    {"github", "annotations of GitHub Actions", github_reporter, false},
    {"html", "one page for people", html_reporter, true},
    {NULL, NULL, NULL, false},
};

/* "ktap, json, ... or html" */
static char *name_all(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (const struct report_format *f = report_formats; f->name; f++)
		fprintf(out, "%s%s",
		        f == report_formats ? ""
		        : (f + 1)->name     ? ", "
		                            : " or ",
		        f->name);
	fclose(out);
	return text;
}

const struct report_format *report_format(const char *name, struct err **e)
{
	const char *names[sizeof(report_formats) / sizeof(*report_formats)] = {NULL}, *near;
	cleanup_free char *shown = printable(name, strlen(name), NULL), *all = name_all();

	for (size_t i = 0; report_formats[i].name; i++) {
		if (!strcmp(report_formats[i].name, name))
			return &report_formats[i];
		names[i] = report_formats[i].name;
	}
	near = suggest(name, names);
	if (near)
		err_usage(e, "no format \"%s\"; did you mean %s?", shown, near);
	else
		err_usage(e, "no format \"%s\": %s", shown, all);
	return NULL;
}
