#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define CONFIDENCE 0.95

void stats_seed(struct stats_random *r, uint32_t seed)
{
	/* As srand48(3) would. */
	r->state[0] = 0x330e;
	r->state[1] = seed & 0xffff;
	r->state[2] = seed >> 16;
}

size_t stats_below(struct stats_random *r, size_t n)
{
	return (size_t)(erand48(r->state) * (double)n);
}

void stats_shuffle(struct stats_random *r, size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = stats_below(r, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void *allocate(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

void stats_sort(double *values, size_t n)
{
	if (n)
		qsort(values, n, sizeof(*values), by_value);
}

double stats_quantile(const double *sorted, size_t n, double p)
{
	double at = (double)(n - 1) * p;
	size_t i = (size_t)at;

	if (!n)
		return NAN;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

static double mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

double stats_pearson(const double *x, const double *y, size_t n)
{
	double xx = 0, yy = 0, xy = 0, mx, my;

	if (n < 2)
		return NAN;
	mx = mean(x, n);
	my = mean(y, n);
	for (size_t i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

/* Half of the others that are equal stand before it, half behind it. */
static double *ranks(const double *v, size_t n)
{
	double *rank = allocate(n, sizeof(*rank));

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			rank[i] += v[j] < v[i] ? 1 : v[j] == v[i] ? 0.5 : 0;
	return rank;
}

double stats_spearman(const double *x, const double *y, size_t n)
{
	cleanup_free double *rx = ranks(x, n), *ry = ranks(y, n);

	return stats_pearson(rx, ry, n);
}

void stats_bootstrap(size_t blocks, unsigned resamples, uint32_t seed, stats_statistic *statistic,
                     void *arg, struct stats_interval *out, size_t n_out)
{
	cleanup_free size_t *chosen = allocate(blocks, sizeof(*chosen));
	cleanup_free double *drawn = allocate(n_out * resamples, sizeof(*drawn));
	cleanup_free double *one = allocate(n_out, sizeof(*one));
	struct stats_random random;

	stats_seed(&random, seed);
	for (size_t i = 0; i < blocks; i++)
		chosen[i] = i;
	statistic(chosen, blocks, arg, one);
	for (size_t k = 0; k < n_out; k++)
		out[k].value = one[k];
	for (unsigned r = 0; r < resamples; r++) {
		for (size_t i = 0; i < blocks; i++)
			chosen[i] = stats_below(&random, blocks);
		statistic(chosen, blocks, arg, one);
		for (size_t k = 0; k < n_out; k++)
			drawn[k * resamples + r] = one[k];
	}
	for (size_t k = 0; k < n_out; k++) {
		stats_sort(drawn + k * resamples, resamples);
		out[k].low = stats_quantile(drawn + k * resamples, resamples, (1 - CONFIDENCE) / 2);
		out[k].high =
		    stats_quantile(drawn + k * resamples, resamples, (1 + CONFIDENCE) / 2);
	}
}
