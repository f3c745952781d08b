/* --format json: the event log's own lines. */
#include <stdlib.h>

#include "cleanup.h"
#include "eventlog.h"
#include "reporter.h"

struct jsonl {
	struct reporter base;
	FILE *out;
};

static void write_line(struct jsonl *j, const json_t *obj)
{
	cleanup_free char *line = eventlog_line(obj);

	if (!line)
		return;
	fprintf(j->out, "%s\n", line);
	fflush(j->out);
}

static void jsonl_line(struct reporter *r, const json_t *obj)
{
	write_line((struct jsonl *)r, obj);
}

static int jsonl_end(struct reporter *r, const json_t *summary, struct err **e)
{
	struct jsonl *j = (struct jsonl *)r;

	write_line(j, summary);
	return report_flush(j->out, e);
}

static void jsonl_destroy(struct reporter *r)
{
	free(r);
}

struct reporter *jsonl_reporter(FILE *out)
{
	struct jsonl *j = calloc(1, sizeof(*j));

	if (!j)
		abort();
	j->base = (struct reporter){jsonl_line, jsonl_line, jsonl_end, jsonl_destroy};
	j->out = out;
	return &j->base;
}
