/* Combinations that cover every pair: of several factors, each with some values, a small set of
 * rows in which any two values of two factors stand together in at least one row. */
#ifndef PAMLAB_PAIRWISE_H
#define PAMLAB_PAIRWISE_H

#include <stddef.h>

/* sizes[n] is how many values each factor has, at least 1 each. Returns the rows, n values each,
 * one row after the other, and their number in *rows; the same for the same sizes. The caller frees
 * it. */
unsigned *pairwise_cover(const unsigned *sizes, unsigned n, size_t *rows);

/* All combinations, in the same form. */
unsigned *pairwise_all(const unsigned *sizes, unsigned n, size_t *rows);

#endif
