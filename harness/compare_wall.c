/* Wall times, which differ from one login to the next: compared by a test with an error rate. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "rank_test.h"
#include "text.h"

struct wall {
	const struct result_case *now;
	const char *measure;
	double p, base, is; /* medians */
	size_t n_base, n_now;
};

static double *numbers(const json_t *list, size_t *n)
{
	double *values;

	*n = json_array_size(list);
	values = calloc(*n + 1, sizeof(*values));
	if (!values)
		abort();
	for (size_t i = 0; i < *n; i++)
		values[i] = json_number_value(json_array_get(list, i));
	return values;
}

static struct wall measure(const struct result_case *now, const char *name, const json_t *was,
                           const json_t *is)
{
	struct wall w = {.now = now, .measure = name};
	cleanup_free double *a = numbers(was, &w.n_base), *b = numbers(is, &w.n_now);

	w.p = rank_test(a, w.n_base, b, w.n_now);
	w.base = median(a, w.n_base);
	w.is = median(b, w.n_now);
	return w;
}

static bool enough(const struct wall *w)
{
	return w->n_base >= RANK_TEST_LEAST && w->n_now >= RANK_TEST_LEAST;
}

/* All that both have. */
static size_t collect(const struct results *base, const struct results *now, struct wall **out,
                      size_t *too_few)
{
	struct wall *list = NULL;
	size_t n = 0;

	*too_few = 0;
	for (size_t i = 0; i < now->n_cases; i++) {
		const struct result_case *is = &now->cases[i], *was = results_find(base, is->id);
		const char *name;
		json_t *samples;

		if (!was || was->verdict != is->verdict)
			continue;
		json_object_foreach(is->samples, name, samples)
		{
			json_t *before = json_object_get(was->samples, name);
			struct wall w;

			if (!before)
				continue;
			w = measure(is, name, before, samples);
			if (!enough(&w)) {
				++*too_few;
				continue;
			}
			list = realloc(list, (n + 1) * sizeof(*list));
			if (!list)
				abort();
			list[n++] = w;
		}
	}
	*out = list;
	return n;
}

static void adjust(struct wall *list, size_t n)
{
	cleanup_free double *p = calloc(n + 1, sizeof(*p));

	if (!p)
		abort();
	for (size_t i = 0; i < n; i++)
		p[i] = list[i].p;
	holm_adjust(p, n);
	for (size_t i = 0; i < n; i++)
		list[i].p = p[i];
}

static void put_finding(json_t *findings, const struct wall *w, double alpha)
{
	bool slower = w->is > w->base;
	json_t *f = compare_find(
	    findings, slower ? "wall" : "faster", slower, w->now,
	    text_format("%s: median %.6g to %.6g (%+.2f %%), p = %.2g of %zu and %zu samples, "
	                "alpha %g",
	                w->measure, w->base, w->is, 100 * (w->is - w->base) / w->base, w->p,
	                w->n_base, w->n_now, alpha));

	json_object_set_new(f, "phase", json_string(w->measure));
	json_object_set_new(f, "base", json_real(w->base));
	json_object_set_new(f, "new", json_real(w->is));
	json_object_set_new(f, "p", json_real(w->p));
}

size_t compare_walls(const struct results *base, const struct results *now,
                     const struct compare_rules *rules, json_t *findings, json_t *notes)
{
	cleanup_free struct wall *list = NULL;
	size_t too_few, n = collect(base, now, &list, &too_few);

	adjust(list, n);
	for (size_t i = 0; i < n; i++)
		if (list[i].p <= rules->wall_alpha && list[i].is != list[i].base)
			put_finding(findings, &list[i], rules->wall_alpha);
	if (too_few)
		compare_note(notes, text_format("%zu wall times have less than %d samples, and "
		                                "are not compared",
		                                too_few, RANK_TEST_LEAST));
	if (n)
		compare_note(notes,
		             text_format("wall times: %zu two-sided Mann-Whitney U tests with "
		                         "Holm's correction: where nothing changed, the chance "
		                         "of any alarm is at most %g",
		                         n, rules->wall_alpha));
	return n;
}
