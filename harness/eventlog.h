/* The event log: everything that happened in a run, as it happens, one JSON object a line. All
 * other reports are derived from it. The lines are described in docs/event-log.md. */
#ifndef PAMLAB_EVENTLOG_H
#define PAMLAB_EVENTLOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "err.h"

#define EVENTLOG_FORMAT 1
#define EVENTLOG_NAME   "events.jsonl"

struct eventlog;

/* Creates the directory and its parents where needed, and in it a new event log. A directory that
 * has one already is refused (EXIT_USAGE). The caller closes *log. */
int eventlog_open(const char *dir, struct eventlog **log, struct err **e);

/* Appends one object as a line, with one write(2). Threads may call it at the same time. If the
 * line cannot be written whole, the file is cut back to its last whole line and the error is
 * returned, once: the log is then over, and later lines are dropped without another error. */
int eventlog_write(struct eventlog *log, const json_t *obj, struct err **e);

/* Appends what a guest said: {"type": "event", "case": id, ...said}. */
int eventlog_event(struct eventlog *log, const char *id, const json_t *said, struct err **e);

/* Whether a line was lost. */
bool eventlog_failed(struct eventlog *log);

/* fsyncs, closes, frees and sets *log to NULL. Fails if what was written may not be on the disk. */
int eventlog_close(struct eventlog **log, struct err **e);

/* The line for an object, without its newline; the caller frees. NULL if it is no object. */
char *eventlog_line(const json_t *obj);

/* A time in RFC 3339, UTC; the caller frees. */
char *eventlog_time(time_t when);

/* Called with each whole line, numbered from 1; a result other than 0 ends the reading. */
typedef int eventlog_line_fn(void *data, size_t number, const json_t *obj);

/* What was wrong with a log that was read. */
struct eventlog_damage {
	size_t *lines;  /* numbers of the lines that are no JSON objects */
	size_t count;   /* of these */
	bool truncated; /* the last line is cut off, as after a crash; it is not among `lines` */
};
void eventlog_damage_free(struct eventlog_damage *damage);

/* Reads a log, or the one in a directory. Damaged lines are passed over and named in *damage, which
 * the caller frees also after an error. A log of a newer format is refused. Returns 0, the
 * callback's result, or -1. */
int eventlog_read(const char *path, eventlog_line_fn *fn, void *data,
                  struct eventlog_damage *damage, struct err **e);

/* The same from an open file, which stays the caller's; `name` is what it is called in errors. */
int eventlog_read_stream(FILE *f, const char *name, eventlog_line_fn *fn, void *data,
                         struct eventlog_damage *damage, struct err **e);

#endif
