/* What is shown of a run. A reporter gets lines of the event log (docs/event-log.md) and nothing
 * else: the `run` line, each `case` line as it comes, the `end` line. Reporters write to a stream
 * that stays the caller's. */
#ifndef PAMLAB_REPORTER_H
#define PAMLAB_REPORTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "verdict.h"

struct reporter {
	void (*begin)(struct reporter *r, const json_t *run);
	void (*case_done)(struct reporter *r, const json_t *obj);
	/* Writes what is left; fails if anything could not be written. */
	int (*end)(struct reporter *r, const json_t *summary, struct err **e);
	void (*destroy)(struct reporter *r);
};

static inline void reporter_free(struct reporter **r)
{
	if (*r)
		(*r)->destroy(*r);
	*r = NULL;
}
#define cleanup_reporter __attribute__((cleanup(reporter_free)))

/* The verdict of a case line; one that is missing or unknown is an error. */
enum verdict case_verdict(const json_t *obj);

/* The contract says that this case fails. */
bool case_known(const json_t *obj);

/* Where what was expected is written, "FILE:LINE" fit for a terminal; NULL if the line does not
 * say. The caller frees. */
char *case_place(const json_t *obj);

/* What a terminal can do: colours (not with NO_COLOR, nor if TERM is dumb), columns (0: no limit).
 */
struct style {
	bool tty;
	bool colour;
	int columns;
};
struct style style_of(FILE *out);

/* Kernel TAP, version 1. A '#' in a description is written \#. */
struct reporter *ktap_reporter(FILE *out);

/* The lines as they are in the log. */
struct reporter *jsonl_reporter(FILE *out);

/* Module and scenario (rows) by entry (columns), then each failure; all at the end. */
struct reporter *table_reporter(FILE *out, struct style style);

/* JUnit XML as the xUnit plugin of Jenkins validates it (junit-10.xsd); at the end. */
struct reporter *junit_reporter(FILE *out);

/* SARIF 2.1.0: what is broken, and what could not be decided; at the end. */
struct reporter *sarif_reporter(FILE *out);

/* Workflow commands of GitHub Actions, one for each case that somebody has to look at. */
struct reporter *github_reporter(FILE *out);

/* One self-contained page, at the end. The run's folder may have plots, plots/NAME.svg. */
struct reporter *html_reporter(FILE *out);

/* The formats by name. docs/reports.md says what each makes of a verdict. */
struct report_format {
	const char *name;
	const char *about; /* one line */
	struct reporter *(*make)(FILE *out);
	bool at_end; /* nothing is written before the run's end */
};
extern const struct report_format report_formats[]; /* ended by one without a name */

/* Finds a format; NULL is EXIT_USAGE with the nearest name. */
const struct report_format *report_format(const char *name, struct err **e);

/* A line on a terminal that is redrawn in place: done, running, failures, time. If `out` is no
 * terminal, a plain line after every `every` cases (0: nothing at all). */
struct reporter *progress_reporter(FILE *out, struct style style, unsigned every);

/* These are for progress reporters only. Cases may share a login, and a login may be a control's:
 * how many logins there are now, and the case of the one that has just begun, or NULL. */
void progress_running(struct reporter *r, size_t n, const char *id);
void progress_tick(struct reporter *r); /* redraws if it is time to */
void progress_hide(struct reporter *r); /* before other output */
void progress_show(struct reporter *r); /* after it */

/* Flushes; fails if anything written to the stream was lost. Who reads a pipe may have enough of
 * it, as head(1) has: that is no failure. */
int report_flush(FILE *out, struct err **e);

#endif
