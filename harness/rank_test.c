#include "rank_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

struct ranked {
	double value;
	size_t set;
};

static int by_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static int by_double(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

/* The sum of the ranks of the first set, equal values sharing theirs; *ties gets the sum of t^3 - t
 * over groups of t equal values. */
static double sum_ranks(struct ranked *all, size_t n, double *ties)
{
	double sum = 0;

	*ties = 0;
	qsort(all, n, sizeof(*all), by_value);
	for (size_t i = 0, end; i < n; i = end) {
		double t, rank;

		for (end = i + 1; end < n && all[end].value == all[i].value;)
			end++;
		t = (double)(end - i);
		rank = (double)(i + 1 + end) / 2;
		*ties += t * t * t - t;
		for (size_t k = i; k < end; k++)
			sum += all[k].set == 0 ? rank : 0;
	}
	return sum;
}

double rank_test(const double *a, size_t n, const double *b, size_t m)
{
	cleanup_free struct ranked *all = calloc(n + m + 1, sizeof(*all));
	double u, off, ties, variance, nm = (double)n * (double)m, both = (double)(n + m);

	if (!all)
		abort();
	if (!n || !m)
		return 1;
	for (size_t i = 0; i < n; i++)
		all[i] = (struct ranked){a[i], 0};
	for (size_t i = 0; i < m; i++)
		all[n + i] = (struct ranked){b[i], 1};
	u = sum_ranks(all, n + m, &ties) - (double)n * (double)(n + 1) / 2;
	variance = nm / 12 * (both + 1 - ties / (both * (both - 1)));
	off = fabs(u - nm / 2) - 0.5;
	if (variance <= 0 || off <= 0)
		return 1;
	return erfc(off / sqrt(variance) / M_SQRT2);
}

struct numbered {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

void holm_adjust(double *p, size_t n)
{
	cleanup_free struct numbered *order = calloc(n + 1, sizeof(*order));
	double least = 0;

	if (!order)
		abort();
	for (size_t i = 0; i < n; i++)
		order[i] = (struct numbered){p[i], i};
	qsort(order, n, sizeof(*order), by_p);
	for (size_t i = 0; i < n; i++) {
		double adjusted = order[i].p * (double)(n - i);

		least = fmax(least, fmin(adjusted, 1));
		p[order[i].at] = least;
	}
}

double median(double *values, size_t n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof(*values), by_double);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
