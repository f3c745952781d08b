/* Annotations, as GitHub Actions takes them from a step's output ("Workflow commands for GitHub
 * Actions"): ::LEVEL file=F,line=N,title=T::MESSAGE. The runner undoes %25, %0D and %0A everywhere,
 * %3A and %2C in properties only. */
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "collect.h"
#include "mark.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

struct github {
	struct reporter base;
	FILE *out;
	json_t *run;
	size_t count[MARK_COUNT];
	size_t cases;
};

static void put_escaped(FILE *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' ||
		    (property && (*text == ':' || *text == ',')))
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			fputc(*text, out);
	}
}

static void put_property(FILE *out, char separator, const char *name, const char *value)
{
	fprintf(out, "%c%s=", separator, name);
	put_escaped(out, value, true);
}

static void github_begin(struct reporter *r, const json_t *run)
{
	struct github *g = (struct github *)r;

	json_decref(g->run);
	g->run = json_incref((json_t *)run);
}

static void annotate(struct github *g, const char *level, const json_t *obj)
{
	static const char *const keys[] = {"title", "reason", "observed", "expected", "because"};
	cleanup_free char *path = case_path(obj), *repro = case_repro(obj), *title = NULL;
	cleanup_free char *module = printable_json(json_object_get(obj, "module"), NULL);
	cleanup_free char *entry = printable_json(json_object_get(obj, "entry"), NULL);
	cleanup_free char *scenario = printable_json(json_object_get(obj, "scenario"), NULL);
	cleanup_free char *shown = path ? printable(path, strlen(path), NULL) : NULL;
	char separator = ' ';

	title = text_format("%s: %s/%s/%s", marks[mark_of(obj)].name, module, entry, scenario);
	fprintf(g->out, "::%s", level);
	if (shown && *shown) {
		put_property(g->out, ' ', "file", shown);
		if (case_line_number(obj))
			fprintf(g->out, ",line=%lld", (long long)case_line_number(obj));
		separator = ',';
	}
	put_property(g->out, separator, "title", title);
	fputs("::", g->out);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		cleanup_free char *text = case_text(obj, keys[i]);

		if (!text)
			continue;
		fprintf(g->out, "%s: ", keys[i]);
		put_escaped(g->out, text, false);
		fputs("%0A", g->out);
	}
	fputs("reproduce: ", g->out);
	put_escaped(g->out, repro, false);
	fputc('\n', g->out);
	fflush(g->out);
}

static void github_case(struct reporter *r, const json_t *obj)
{
	static const char *const levels[MARK_COUNT] = {
	    [MARK_FAIL] = "error",     [MARK_ERROR] = "error",  [MARK_INCONCLUSIVE] = "error",
	    [MARK_SURPRISE] = "error", [MARK_WARN] = "warning", [MARK_KNOWN] = "notice",
	};
	struct github *g = (struct github *)r;
	enum mark_id mark = mark_of(obj);

	g->count[mark]++;
	g->cases++;
	if (levels[mark])
		annotate(g, levels[mark], obj);
}

static int github_end(struct reporter *r, const json_t *summary, struct err **e)
{
	struct github *g = (struct github *)r;
	cleanup_json json_t *notes = report_notes(g->run, g->cases, summary);
	json_t *note;
	size_t i;

	json_array_foreach(notes, i, note)
	{
		fputs("::error title=the report is not complete::", g->out);
		put_escaped(g->out, json_string_value(note), false);
		fputc('\n', g->out);
	}
	fprintf(g->out, "pamlab: %zu cases", g->cases);
	for (int m = MARK_COUNT - 1; m > MARK_NONE; m--)
		if (g->count[m])
			fprintf(g->out, ", %zu %s", g->count[m], marks[m].name);
	fputc('\n', g->out);
	return report_flush(g->out, e);
}

static void github_destroy(struct reporter *r)
{
	json_decref(((struct github *)r)->run);
	free(r);
}

struct reporter *github_reporter(FILE *out)
{
	struct github *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	g->base = (struct reporter){github_begin, github_case, github_end, github_destroy};
	g->out = out;
	return &g->base;
}
