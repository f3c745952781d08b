/* What a person sees while cases run. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

#define REDRAW_NS 100000000LL /* ten times a second is enough for the eye */

struct progress {
	struct reporter base;
	FILE *out;
	struct style style;
	unsigned every;
	long long total, done, running, failed, known;
	long long began_ns, drawn_ns;
	char *latest; /* the login of a case that began last */
	bool visible;
};

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Without a terminal a line is written when a case is done, and how many logins run just then says
 * nothing of how many do. */
static char *status_text(const struct progress *p)
{
	long long s = (now_ns() - p->began_ns) / 1000000000LL;
	char running[40] = "";

	if (p->style.tty)
		snprintf(running, sizeof(running), "%lld running, ", p->running);
	return text_format("%lld/%lld done, %s%lld failed, %lld known, %lld:%02lld", p->done,
	                   p->total, running, p->failed, p->known, s / 60, s % 60);
}

/* The cursor goes back to the line's start, so that whatever comes next overwrites it. */
static void draw(struct progress *p)
{
	cleanup_free char *status = status_text(p);
	cleanup_free char *line = NULL;
	const char *c;
	int left = p->style.columns - 1; /* the last column would wrap on some terminals */

	line = text_format("%s  %s", status, p->running && p->latest ? p->latest : "");
	fputc('\r', p->out);
	for (c = line; *c; c++) {
		if (((unsigned char)*c & 0xc0) != 0x80 && left-- <= 0)
			break;
		fputc(*c, p->out);
	}
	fputs("\x1b[K\r", p->out);
	fflush(p->out);
	p->visible = true;
	p->drawn_ns = now_ns();
}

void progress_hide(struct reporter *r)
{
	struct progress *p = (struct progress *)r;

	if (!p->visible)
		return;
	fputs("\r\x1b[K", p->out);
	fflush(p->out);
	p->visible = false;
}

void progress_show(struct reporter *r)
{
	struct progress *p = (struct progress *)r;

	if (p->style.tty)
		draw(p);
}

void progress_tick(struct reporter *r)
{
	struct progress *p = (struct progress *)r;

	if (p->style.tty && now_ns() - p->drawn_ns >= REDRAW_NS)
		draw(p);
}

void progress_running(struct reporter *r, size_t n, const char *id)
{
	struct progress *p = (struct progress *)r;

	p->running = (long long)n;
	if (id) {
		free(p->latest);
		p->latest = printable(id, strlen(id), NULL);
	}
	progress_tick(r);
}

static void progress_begin(struct reporter *r, const json_t *run)
{
	struct progress *p = (struct progress *)r;

	p->total = json_integer_value(json_object_get(run, "cases"));
	p->began_ns = now_ns();
	progress_show(r);
}

static void progress_case(struct reporter *r, const json_t *obj)
{
	struct progress *p = (struct progress *)r;
	enum verdict v = case_verdict(obj);

	p->done++;
	if (v == VERDICT_FAIL && case_known(obj))
		p->known++;
	else if (v == VERDICT_FAIL || v == VERDICT_ERROR || v == VERDICT_INCONCLUSIVE)
		p->failed++;
	progress_tick(r);
	if (!p->style.tty && p->every && p->done % p->every == 0) {
		cleanup_free char *status = status_text(p);

		fprintf(p->out, "%s\n", status);
		fflush(p->out);
	}
}

static int progress_end(struct reporter *r, const json_t *summary, struct err **e)
{
	(void)summary, (void)e; /* what nobody can see is no failure of the run */
	progress_hide(r);
	return 0;
}

static void progress_destroy(struct reporter *r)
{
	progress_hide(r);
	free(((struct progress *)r)->latest);
	free(r);
}

struct reporter *progress_reporter(FILE *out, struct style style, unsigned every)
{
	struct progress *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->base = (struct reporter){progress_begin, progress_case, progress_end, progress_destroy};
	p->out = out;
	p->style = style;
	p->every = every;
	p->began_ns = now_ns();
	return &p->base;
}
