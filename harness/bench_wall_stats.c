#include "bench_wall_stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stats.h"

#define RESAMPLES 1000
#define BASES_MAX 3
#define QUANTILES 3

static const struct {
	const char *name;
	double p;
} quantiles[QUANTILES] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};

/* The samples of a module through an entry, block by block: borrowed lists. */
struct pool {
	const char *module, *entry;
	const json_t **blocks;
	size_t n_blocks, n;
	long failed, hung; /* logins; clones that ended with one that hung */
	double *drawn;     /* room for any choice of blocks */
};

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void *grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (!p)
		abort();
	return p;
}

static struct pool *find_pool(struct pool *pools, size_t n, const char *module, const char *entry)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(pools[i].module, module) && !strcmp(pools[i].entry, entry))
			return &pools[i];
	return NULL;
}

static void recount(struct pool *p)
{
	p->n = 0;
	p->failed = p->hung = 0;
	for (size_t i = 0; i < p->n_blocks; i++) {
		p->n += json_array_size(json_object_get(p->blocks[i], "wall_ns"));
		p->failed += json_integer_value(json_object_get(p->blocks[i], "failed"));
		p->hung += json_is_true(json_object_get(p->blocks[i], "hung"));
	}
}

/* A block that not all modules came to, because the run was ended, is left out: what is compared
 * was measured at the same time. */
static void drop_unfinished(struct pool *pools, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++)
			if (!strcmp(pools[i].entry, pools[k].entry) &&
			    pools[k].n_blocks < pools[i].n_blocks)
				pools[i].n_blocks = pools[k].n_blocks;
		recount(&pools[i]);
	}
}

/* In the log each module has its block before any has its next, so the blocks of all modules are in
 * the same order. */
static struct pool *make_pools(const json_t *lines, size_t *n)
{
	struct pool *pools = NULL, *p;
	json_t *line;
	size_t i;

	*n = 0;
	json_array_foreach(lines, i, line)
	{
		const char *module = text(line, "module"), *entry = text(line, "entry");
		const json_t *samples = json_object_get(line, "wall_ns");

		if (!module || !entry || !json_is_array(samples))
			continue;
		p = find_pool(pools, *n, module, entry);
		if (!p) {
			pools = grow(pools, *n + 1, sizeof(*pools));
			p = &pools[(*n)++];
			*p = (struct pool){.module = module, .entry = entry};
		}
		p->blocks = grow(p->blocks, p->n_blocks + 1, sizeof(*p->blocks));
		p->blocks[p->n_blocks++] = line;
	}
	drop_unfinished(pools, *n);
	return pools;
}

static size_t longest_block(const struct pool *p)
{
	size_t longest = 0;

	for (size_t i = 0; i < p->n_blocks; i++) {
		size_t n = json_array_size(json_object_get(p->blocks[i], "wall_ns"));

		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Sorted, into p->drawn. */
static size_t draw(struct pool *p, const size_t *chosen, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *samples;
		json_t *v;
		size_t k;

		samples = json_object_get(p->blocks[chosen[i]], "wall_ns");
		json_array_foreach(samples, k, v) p->drawn[used++] = json_number_value(v);
	}
	stats_sort(p->drawn, used);
	return used;
}

/* The pool itself, and those that it is compared with; the blocks in which it has samples. */
struct comparison {
	struct pool *own, *bases[BASES_MAX];
	size_t *usable, *blocks; /* `blocks`: room for a choice of them */
	size_t n_usable;
};

static void find_usable(struct comparison *c)
{
	const struct pool *p = c->own;

	c->usable = grow(NULL, p->n_blocks + 1, sizeof(*c->usable));
	c->blocks = grow(NULL, p->n_blocks + 1, sizeof(*c->blocks));
	for (size_t i = 0; i < p->n_blocks; i++)
		if (json_array_size(json_object_get(p->blocks[i], "wall_ns")))
			c->usable[c->n_usable++] = i;
}

static void measure(const size_t *drawn, size_t n, void *arg, double *out)
{
	struct comparison *c = arg;
	size_t *chosen = c->blocks, used;

	for (size_t i = 0; i < n; i++)
		chosen[i] = c->usable[drawn[i]];
	used = draw(c->own, chosen, n);
	for (size_t q = 0; q < QUANTILES; q++)
		out[q] = stats_quantile(c->own->drawn, used, quantiles[q].p);
	for (size_t i = 0; i < BASES_MAX; i++) {
		double *ratio = out + (i + 1) * QUANTILES;

		used = c->bases[i] && c->bases[i] != c->own ? draw(c->bases[i], chosen, n) : 0;
		for (size_t q = 0; q < QUANTILES; q++)
			ratio[q] =
			    !c->bases[i] ? NAN
			    : c->bases[i] == c->own
			        ? 1
			        : out[q] / stats_quantile(c->bases[i]->drawn, used, quantiles[q].p);
	}
}

/* One block says nothing of how blocks differ. */
static json_t *interval(const struct stats_interval *v, size_t blocks)
{
	if (blocks < 2 || !isfinite(v->value) || !isfinite(v->low) || !isfinite(v->high))
		return json_null();
	return json_pack("[f, f, f]", v->value, v->low, v->high);
}

/* The median of a list that each line has, over all lines; less `minus` in the same place. */
static json_t *median_of(const struct pool *p, const char *key, const char *minus)
{
	cleanup_free double *values = calloc(p->n + 1, sizeof(*values));
	size_t used = 0;

	if (!values)
		abort();
	for (size_t i = 0; i < p->n_blocks; i++) {
		const json_t *list = json_object_get(p->blocks[i], key);
		const json_t *less = minus ? json_object_get(p->blocks[i], minus) : NULL;
		json_t *v;
		size_t k;

		if (minus && json_array_size(less) != json_array_size(list))
			return json_null();
		json_array_foreach(list, k, v) if (used < p->n) values[used++] =
		    json_number_value(v) - json_number_value(json_array_get(less, k));
	}
	stats_sort(values, used);
	return used ? json_real(stats_quantile(values, used, 0.5)) : json_null();
}

static json_t *summarise(struct comparison *c, const char *const *bases, uint32_t seed)
{
	struct pool *p = c->own;
	struct stats_interval v[(1 + BASES_MAX) * QUANTILES];
	json_t *o, *ratios = json_object();

	find_usable(c);
	stats_bootstrap(c->n_usable, RESAMPLES, seed, measure, c, v, sizeof(v) / sizeof(*v));
	free(c->usable);
	free(c->blocks);
	o = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}", "module", p->module, "entry", p->entry, "n",
	              (int)p->n, "blocks", (int)c->n_usable, "failed", (int)p->failed, "hung",
	              (int)p->hung);
	for (size_t q = 0; q < QUANTILES; q++)
		json_object_set_new(o, quantiles[q].name, interval(&v[q], c->n_usable));
	for (size_t i = 0; i < BASES_MAX && bases[i]; i++) {
		json_t *ratio = json_object();

		for (size_t q = 0; q < QUANTILES; q++)
			json_object_set_new(ratio, quantiles[q].name,
			                    interval(&v[(i + 1) * QUANTILES + q], c->n_usable));
		json_object_set_new(ratios, bases[i], ratio);
	}
	json_object_set_new(o, "ratio", ratios);
	json_object_set_new(o, "window_ns", median_of(p, "window_ns", NULL));
	json_object_set_new(o, "busy_ns", median_of(p, "window_ns", "idle_ns"));
	return o;
}

json_t *bench_wall_stats(const json_t *lines, const char *const *bases, uint32_t seed)
{
	json_t *stats = json_array();
	size_t n;
	struct pool *pools = make_pools(lines, &n);

	for (size_t i = 0; i < n; i++) {
		pools[i].drawn =
		    calloc(longest_block(&pools[i]) * pools[i].n_blocks + 1, sizeof(double));
		if (!pools[i].drawn)
			abort();
	}
	for (size_t i = 0; i < n; i++) {
		struct comparison c = {.own = &pools[i]};

		for (size_t k = 0; k < BASES_MAX && bases[k]; k++)
			c.bases[k] = find_pool(pools, n, bases[k], pools[i].entry);
		json_array_append_new(stats, summarise(&c, bases, seed));
	}
	for (size_t i = 0; i < n; i++) {
		free(pools[i].drawn);
		free(pools[i].blocks);
	}
	free(pools);
	return stats;
}

json_t *bench_wall_correlation(const json_t *stats)
{
	size_t room = json_array_size(stats) + 1, n = 0, i;
	cleanup_free double *busy = calloc(room, sizeof(*busy));
	cleanup_free double *window = calloc(room, sizeof(*window));
	cleanup_free double *wall = calloc(room, sizeof(*wall));
	json_t *s;

	if (!busy || !window || !wall)
		abort();
	json_array_foreach(stats, i, s)
	{
		const json_t *p50 = json_array_get(json_object_get(s, "p50"), 0);

		if (!json_is_number(p50) || !json_is_number(json_object_get(s, "busy_ns")))
			continue;
		wall[n] = json_number_value(p50);
		window[n] = json_number_value(json_object_get(s, "window_ns"));
		busy[n++] = json_number_value(json_object_get(s, "busy_ns"));
	}
	if (n < 3)
		return json_null();
	return json_pack("{s:i, s:{s:f, s:f}, s:{s:f, s:f}}", "n", (int)n, "busy", "pearson",
	                 stats_pearson(busy, wall, n), "spearman", stats_spearman(busy, wall, n),
	                 "window", "pearson", stats_pearson(window, wall, n), "spearman",
	                 stats_spearman(window, wall, n));
}
