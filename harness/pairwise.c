#include "pairwise.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Which pairs are still to be covered: a square of all values of all factors. */
struct pairs {
	const unsigned *sizes;
	unsigned n, total;
	unsigned *first; /* number of a factor's first value among all */
	bool *open;
	size_t left;
};

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

static bool *pair(const struct pairs *p, unsigned f, unsigned v, unsigned g, unsigned w)
{
	return &p->open[(size_t)(p->first[f] + v) * p->total + p->first[g] + w];
}

static void begin(struct pairs *p, const unsigned *sizes, unsigned n)
{
	*p = (struct pairs){.sizes = sizes, .n = n, .first = zeroed(n, sizeof(unsigned))};
	for (unsigned f = 0; f < n; f++) {
		p->first[f] = p->total;
		p->total += sizes[f];
	}
	p->open = zeroed((size_t)p->total * p->total, sizeof(bool));
	for (unsigned f = 0; f < n; f++)
		for (unsigned g = f + 1; g < n; g++)
			for (unsigned v = 0; v < sizes[f]; v++)
				for (unsigned w = 0; w < sizes[g]; w++, p->left++)
					*pair(p, f, v, g, w) = *pair(p, g, w, f, v) = true;
}

/* How many open pairs value v of factor f makes with what the row has already. */
static unsigned gain(const struct pairs *p, const unsigned *row, const bool *set, unsigned f,
                     unsigned v)
{
	unsigned n = 0;

	for (unsigned g = 0; g < p->n; g++)
		n += set[g] && *pair(p, f, v, g, row[g]);
	return n;
}

/* Puts the first open pair into the row. */
static void seed(const struct pairs *p, unsigned *row, bool *set)
{
	for (unsigned f = 0; f < p->n; f++)
		for (unsigned v = 0; v < p->sizes[f]; v++)
			for (unsigned g = f + 1; g < p->n; g++)
				for (unsigned w = 0; w < p->sizes[g]; w++)
					if (*pair(p, f, v, g, w)) {
						row[f] = v;
						row[g] = w;
						set[f] = set[g] = true;
						return;
					}
}

static void make_row(struct pairs *p, unsigned *row, bool *set)
{
	memset(set, 0, p->n * sizeof(*set));
	seed(p, row, set);
	for (unsigned f = 0; f < p->n; f++) {
		unsigned best = 0;

		if (set[f])
			continue;
		for (unsigned v = 1; v < p->sizes[f]; v++)
			if (gain(p, row, set, f, v) > gain(p, row, set, f, best))
				best = v;
		row[f] = best;
		set[f] = true;
	}
	for (unsigned f = 0; f < p->n; f++)
		for (unsigned g = f + 1; g < p->n; g++) {
			bool *open = pair(p, f, row[f], g, row[g]);

			p->left -= *open;
			*open = *pair(p, g, row[g], f, row[f]) = false;
		}
}

unsigned *pairwise_cover(const unsigned *sizes, unsigned n, size_t *rows)
{
	unsigned *table = NULL;
	bool *set = zeroed(n, sizeof(*set));
	struct pairs p;

	if (n < 2) {
		free(set);
		return pairwise_all(sizes, n, rows);
	}
	begin(&p, sizes, n);
	for (*rows = 0; p.left; ++*rows) {
		table = reallocarray(table, (*rows + 1) * n, sizeof(*table));
		if (!table)
			abort();
		make_row(&p, table + *rows * n, set);
	}
	free(p.first);
	free(p.open);
	free(set);
	return table;
}

unsigned *pairwise_all(const unsigned *sizes, unsigned n, size_t *rows)
{
	unsigned *table;

	*rows = 1;
	for (unsigned f = 0; f < n; f++)
		*rows *= sizes[f];
	table = zeroed(*rows * n, sizeof(*table));
	for (size_t r = 0; r < *rows; r++) {
		size_t rest = r;

		for (unsigned f = n; f-- > 0;) {
			table[r * n + f] = rest % sizes[f];
			rest /= sizes[f];
		}
	}
	return table;
}
