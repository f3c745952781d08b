/* Statistics of samples: quantiles, correlations, and how sure they are. */
#ifndef PAMLAB_STATS_H
#define PAMLAB_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers that look random and are the same for the same seed on every machine: the 48-bit
 * generator of POSIX, drand48(3). */
struct stats_random {
	unsigned short state[3];
};
void stats_seed(struct stats_random *r, uint32_t seed);
/* From 0 to n - 1, each as likely as the others; n > 0. */
size_t stats_below(struct stats_random *r, size_t n);
/* Puts the numbers from 0 to n - 1 into an order in which each is as likely as any other. */
void stats_shuffle(struct stats_random *r, size_t *order, size_t n);

void stats_sort(double *values, size_t n);

/* The p-quantile of sorted values, 0 <= p <= 1, by linear interpolation between the two nearest
 * (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996: what R and numpy
 * take by default). NaN of no values. */
double stats_quantile(const double *sorted, size_t n, double p);

/* Correlation of pairs, -1 to 1; NaN of less than two, or if one of the two never changes.
 * Spearman's is Pearson's of the ranks; equal values share the mean of their ranks. */
double stats_pearson(const double *x, const double *y, size_t n);
double stats_spearman(const double *x, const double *y, size_t n);

struct stats_interval {
	double value, low, high;
};

/* A statistic of `blocks` blocks of samples, of which chosen[] names n (some of them more than
 * once): writes its numbers, as many as the caller of stats_bootstrap wants, to out. */
typedef void stats_statistic(const size_t *chosen, size_t n, void *arg, double *out);

/* The statistic of all blocks, and the interval that holds 95 of 100 of its values when as many
 * blocks are drawn from them with replacement, `resamples` times (percentile bootstrap: Efron and
 * Tibshirani, "An Introduction to the Bootstrap", 1993, 13.3). Blocks, not samples, are drawn:
 * samples of a block were taken together and are alike. */
void stats_bootstrap(size_t blocks, unsigned resamples, uint32_t seed, stats_statistic *statistic,
                     void *arg, struct stats_interval *out, size_t n_out);

#endif
