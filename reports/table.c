/* The matrix of an audit: a row for each module and scenario, a column for each entry. Nothing is
 * shown before the end, since rows and columns are sorted and cases come in any order. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"

struct table {
	struct reporter base;
	FILE *out;
	struct style style;
	json_t *cases;
};

static void table_begin(struct reporter *r, const json_t *run)
{
	(void)r, (void)run;
}

static void table_case(struct reporter *r, const json_t *obj)
{
	struct table *t = (struct table *)r;

	if (json_array_append(t->cases, (json_t *)obj) < 0)
		abort();
}

/* In the order of increasing urgency: of several cases in a cell the last is shown. */
const struct mark marks[MARK_COUNT] = {
    [MARK_NONE] = {" ", "", NULL},
    [MARK_SKIP] = {"-", "2", "skipped, not promised or not possible"},
    [MARK_INFO] = {"i", "36", "information"},
    [MARK_PASS] = {".", "32", "holds"},
    [MARK_WARN] = {"w", "33", "masked property broken (fails with --strict)"},
    [MARK_KNOWN] = {"k", "35", "broken, a known failure"},
    [MARK_SURPRISE] = {"P", "1;35", "holds, but the contract lists it as a known failure"},
    [MARK_INCONCLUSIVE] = {"?", "1;33", "inconclusive: a control did not hold"},
    [MARK_ERROR] = {"E", "1;31", "error of the lab"},
    [MARK_FAIL] = {"F", "1;31", "broken"},
};

enum mark_id mark_of(const json_t *obj)
{
	static const enum mark_id of[VERDICT_COUNT] = {
	    [VERDICT_PASS] = MARK_PASS,   [VERDICT_FAIL] = MARK_FAIL,
	    [VERDICT_WARN] = MARK_WARN,   [VERDICT_INFO] = MARK_INFO,
	    [VERDICT_SKIP] = MARK_SKIP,   [VERDICT_INCONCLUSIVE] = MARK_INCONCLUSIVE,
	    [VERDICT_ERROR] = MARK_ERROR,
	};
	enum mark_id id = of[case_verdict(obj)];

	if (case_known(obj) && id == MARK_FAIL)
		return MARK_KNOWN;
	if (case_known(obj) && id == MARK_PASS)
		return MARK_SURPRISE;
	return id;
}

static const char *text_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
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

	json_array_foreach(t->cases, i, obj) if (mark_of(obj) >= MARK_SURPRISE)
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

	json_array_foreach(t->cases, i, obj) counts[mark_of(obj)]++;
	fprintf(t->out, "\n%zu cases\n", json_array_size(t->cases));
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (counts[shown[i].id])
			fprintf(t->out, "%6zu %s\n", counts[shown[i].id], shown[i].word);
}

static int compare_text(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(text_of(a, key), text_of(b, key));
}

struct row {
	json_t *obj; /* borrowed */
};

static int compare_cases(const void *pa, const void *pb)
{
	static const char *const keys[] = {"module", "group", "scenario", "entry", "id"};
	const json_t *a = ((const struct row *)pa)->obj, *b = ((const struct row *)pb)->obj;
	int order = 0;

	for (size_t i = 0; !order && i < sizeof(keys) / sizeof(*keys); i++)
		order = compare_text(a, b, keys[i]);
	return order;
}

static void sort_cases(struct table *t)
{
	size_t n = json_array_size(t->cases);
	cleanup_free struct row *rows = calloc(n + 1, sizeof(*rows));
	json_t *sorted = json_array();

	if (!rows)
		abort();
	for (size_t i = 0; i < n; i++)
		rows[i].obj = json_array_get(t->cases, i);
	qsort(rows, n, sizeof(*rows), compare_cases);
	for (size_t i = 0; i < n; i++)
		if (json_array_append(sorted, rows[i].obj) < 0)
			abort();
	json_decref(t->cases);
	t->cases = sorted;
}

static int table_end(struct reporter *r, const json_t *summary, struct err **e)
{
	struct table *t = (struct table *)r;

	(void)summary;
	sort_cases(t);
	print_matrix(t->out, &t->style, t->cases);
	list_problems(t);
	print_counts(t);
	return report_flush(t->out, e);
}

static void table_destroy(struct reporter *r)
{
	json_decref(((struct table *)r)->cases);
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
	t->cases = json_array();
	return &t->base;
}
