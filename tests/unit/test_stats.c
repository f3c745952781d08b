#include <check.h>
#include <math.h>

#include "stats.h"
#include "suites.h"

/* Anscombe's first set, whose correlation is known: 0.81642. */
static const double anscombe_x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
static const double anscombe_y[] = {8.04, 6.95, 7.58,  8.81, 8.33, 9.96,
                                    7.24, 4.26, 10.84, 4.82, 5.68};

START_TEST(test_quantile)
{
	/* As R's quantile() and numpy.percentile() have it. */
	double v[] = {4, 1, 3, 2};

	stats_sort(v, 4);
	ck_assert_double_eq(v[0], 1);
	ck_assert_double_eq(stats_quantile(v, 4, 0), 1);
	ck_assert_double_eq_tol(stats_quantile(v, 4, 0.5), 2.5, 1e-12);
	ck_assert_double_eq_tol(stats_quantile(v, 4, 0.95), 3.85, 1e-12);
	ck_assert_double_eq(stats_quantile(v, 4, 1), 4);
	ck_assert_double_eq(stats_quantile(v, 1, 0.99), 1);
	ck_assert(isnan(stats_quantile(v, 0, 0.5)));
}
END_TEST

START_TEST(test_correlation)
{
	double x[] = {1, 2, 3, 4, 5}, cube[] = {1, 8, 27, 64, 125}, same[] = {7, 7, 7, 7, 7};
	double tied[] = {1, 2, 2, 4, 5}, other[] = {2, 1, 4, 3, 5};

	ck_assert_double_eq_tol(stats_pearson(anscombe_x, anscombe_y, 11), 0.81642, 1e-5);
	ck_assert_double_eq_tol(stats_spearman(anscombe_x, anscombe_y, 11), 0.81818, 1e-5);
	ck_assert_double_eq_tol(stats_spearman(x, cube, 5), 1, 1e-12);
	ck_assert_double_lt(stats_pearson(x, cube, 5), 0.95);
	/* Ranks 1 2.5 2.5 4 5 and 2 1 4 3 5: 6.5 / sqrt(9.5 * 10), worked out by hand. */
	ck_assert_double_eq_tol(stats_spearman(tied, other, 5), 6.5 / sqrt(95), 1e-12);
	ck_assert(isnan(stats_pearson(x, same, 5)));
	ck_assert(isnan(stats_pearson(x, cube, 1)));
}
END_TEST

START_TEST(test_random)
{
	struct stats_random a, b;
	size_t order[5], seen = 0, hits[5] = {0};

	stats_seed(&a, 7);
	stats_seed(&b, 7);
	for (int i = 0; i < 1000; i++) {
		size_t v = stats_below(&a, 5);

		ck_assert_uint_eq(v, stats_below(&b, 5));
		ck_assert_uint_lt(v, 5);
		hits[v]++;
	}
	for (int i = 0; i < 5; i++)
		ck_assert(hits[i] > 140 && hits[i] < 260);
	stats_shuffle(&a, order, 5);
	for (int i = 0; i < 5; i++)
		seen |= 1U << order[i];
	ck_assert_uint_eq(seen, 31);
	/* drand48(3) after srand48(1), as POSIX defines it: 0.0416303447718782 */
	stats_seed(&a, 1);
	ck_assert_uint_eq(stats_below(&a, 1000000000), 41630344);
}
END_TEST

struct sample {
	const double *v;
	unsigned calls;
};

static void mean_of_blocks(const size_t *chosen, size_t n, void *arg, double *out)
{
	struct sample *s = arg;

	out[0] = 0;
	for (size_t i = 0; i < n; i++)
		out[0] += s->v[chosen[i]] / (double)n;
	s->calls++;
}

START_TEST(test_bootstrap)
{
	struct sample s = {.v = anscombe_y};
	struct stats_interval one, again, other;

	stats_bootstrap(11, 2000, 1, mean_of_blocks, &s, &one, 1);
	ck_assert_uint_eq(s.calls, 2001);
	stats_bootstrap(11, 2000, 1, mean_of_blocks, &s, &again, 1);
	stats_bootstrap(11, 2000, 2, mean_of_blocks, &s, &other, 1);
	ck_assert_double_eq_tol(one.value, 7.50091, 1e-5);
	ck_assert_double_eq(one.low, again.low);
	ck_assert_double_ne(one.low, other.low);
	/* Its standard error is sd(n) / sqrt(n) = 1.937 / 3.317: 1.96 of these on either side. */
	ck_assert_double_eq_tol(one.low, 7.501 - 1.145, 0.12);
	ck_assert_double_eq_tol(one.high, 7.501 + 1.145, 0.12);
}
END_TEST

Suite *suite_stats(void)
{
	Suite *s = suite_create("stats");
	TCase *c = tcase_create("known values");

	tcase_add_test(c, test_quantile);
	tcase_add_test(c, test_correlation);
	tcase_add_test(c, test_random);
	tcase_add_test(c, test_bootstrap);
	suite_add_tcase(s, c);
	return s;
}
