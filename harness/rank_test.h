/* Are two sets of wall times of one kind? A test with a stated error rate: where nothing changed,
 * the chance that any of all comparisons says otherwise is at most alpha. */
#ifndef PAMLAB_RANK_TEST_H
#define PAMLAB_RANK_TEST_H

#include <stddef.h>

/* Fewer samples than this on either side decide nothing. */
#define RANK_TEST_LEAST 20

/* The two-sided Mann-Whitney U test: the probability, were both of one distribution, of ranks at
 * least as uneven as these. Normal approximation with the corrections for ties and for continuity
 * (Lehmann, Nonparametrics, 1.2-1.4); in the tails it errs towards 1. 1 if there are no samples. */
double rank_test(const double *a, size_t n, const double *b, size_t m);

/* Holm's step-down correction, in place: the p of n tests become such that those which are at most
 * alpha are the ones to reject, with a chance of alpha that any of them is wrong (Holm 1979). */
void holm_adjust(double *p, size_t n);

/* Sorts the values, and gives the middle one (of an even number the mean of both); 0 of none. */
double median(double *values, size_t n);

#endif
