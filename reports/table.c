/* The matrix of an audit: a row for each module and scenario, a column for each entry. Nothing is
 * shown before the end, since rows and columns are sorted and cases come in any order. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "collect.h"
#include "printable.h"

struct table {
	struct reporter base;
	FILE *out;
	struct style style;
	struct collection c;
};

static void table_begin(struct reporter *r, const json_t *run)
{
	(void)r, (void)run;
}

static void table_case(struct reporter *r, const json_t *obj)
{
	collection_add(&((struct table *)r)->c, obj);
}

static void list_problem(struct table *t, const json_t *obj)
{
	static const char *const keys[] = {"title", "reason", "observed", "expected"};
	const struct mark *mark = &marks[mark_of(obj)];
	cleanup_free char *id = printable_json(json_object_get(obj, "id"), NULL);
	cleanup_free char *place = case_place(obj);

	fputs("\n", t->out);
	paint(t->out, &t->style, mark, mark->symbol);
	fprintf(t->out, " %s\n", id);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const json_t *value = json_object_get(obj, keys[i]);
		cleanup_free char *text = NULL;

		if (!value || json_is_null(value))
			continue;
		text = printable_json(value, NULL);
		fprintf(t->out, "  %-9s %s\n", keys[i], text);
	}
	if (place)
		fprintf(t->out, "  %-9s %s\n", "at", place);
}

static void list_problems(struct table *t)
{
	json_t *obj;
	size_t i;

	json_array_foreach(t->c.cases, i, obj) if (mark_of(obj) >= MARK_SURPRISE)
	    list_problem(t, obj);
}

static void print_counts(struct table *t)
{
	static const struct {
		enum mark_id id;
		const char *word;
	} shown[] = {
	    {MARK_PASS, "hold"},
	    {MARK_FAIL, "broken"},
	    {MARK_KNOWN, "broken as known"},
	    {MARK_SURPRISE, "hold against the contract's list: correct it"},
	    {MARK_WARN, "masked"},
	    {MARK_INFO, "for information"},
	    {MARK_SKIP, "skipped"},
	    {MARK_INCONCLUSIVE, "inconclusive"},
	    {MARK_ERROR, "in error"},
	};
	size_t counts[MARK_COUNT] = {0}, i;
	json_t *obj;

	json_array_foreach(t->c.cases, i, obj) counts[mark_of(obj)]++;
	fprintf(t->out, "\n%zu cases\n", json_array_size(t->c.cases));
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (counts[shown[i].id])
			fprintf(t->out, "%6zu %s\n", counts[shown[i].id], shown[i].word);
}

static int table_end(struct reporter *r, const json_t *summary, struct err **e)
{
	static const char *const order[] = {"module", "group", "scenario", "entry", "id", NULL};
	struct table *t = (struct table *)r;

	(void)summary;
	collection_sort(&t->c, order);
	print_matrix(t->out, &t->style, t->c.cases);
	list_problems(t);
	print_counts(t);
	return report_flush(t->out, e);
}

static void table_destroy(struct reporter *r)
{
	collection_free(&((struct table *)r)->c);
	free(r);
}

struct reporter *table_reporter(FILE *out, struct style style)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->base = (struct reporter){table_begin, table_case, table_end, table_destroy};
	t->out = out;
	t->style = style;
	collection_init(&t->c);
	return &t->base;
}
