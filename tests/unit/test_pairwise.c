/* Covering sets: every pair is there, and the set is much smaller than the product. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "pairwise.h"
#include "suites.h"

static bool has_pair(const unsigned *rows, size_t n_rows, unsigned n, unsigned f, unsigned v,
                     unsigned g, unsigned w)
{
	for (size_t r = 0; r < n_rows; r++)
		if (rows[r * n + f] == v && rows[r * n + g] == w)
			return true;
	return false;
}

static void check_cover(const unsigned *rows, size_t n_rows, const unsigned *sizes, unsigned n)
{
	for (unsigned f = 0; f < n; f++)
		for (unsigned g = f + 1; g < n; g++)
			for (unsigned v = 0; v < sizes[f]; v++)
				for (unsigned w = 0; w < sizes[g]; w++)
					ck_assert(has_pair(rows, n_rows, n, f, v, g, w));
}

START_TEST(every_pair_is_covered)
{
	static const unsigned sizes[][4] = {
	    {8, 2, 4, 7}, {1, 1, 1, 1}, {17, 2, 4, 8}, {2, 2, 2, 2}};
	static const size_t most[] = {64, 1, 150, 8};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t n;
		unsigned *rows = pairwise_cover(sizes[i], 4, &n);

		check_cover(rows, n, sizes[i], 4);
		ck_assert_uint_le(n, most[i]);
		free(rows);
	}
}
END_TEST

START_TEST(all_is_the_product)
{
	static const unsigned sizes[] = {3, 2, 4};
	size_t n;
	unsigned *rows = pairwise_all(sizes, 3, &n);

	ck_assert_uint_eq(n, 24);
	check_cover(rows, n, sizes, 3);
	ck_assert_uint_eq(rows[23UL * 3], 2);
	ck_assert_uint_eq(rows[23UL * 3 + 2], 3);
	free(rows);
}
END_TEST

START_TEST(one_factor_has_no_pairs)
{
	static const unsigned sizes[] = {5};
	size_t n;
	unsigned *rows = pairwise_cover(sizes, 1, &n);

	ck_assert_uint_eq(n, 5);
	ck_assert_uint_eq(rows[4], 4);
	free(rows);
}
END_TEST

Suite *suite_pairwise(void)
{
	Suite *s = suite_create("pairwise");
	TCase *t = tcase_create("pairwise");

	tcase_add_test(t, every_pair_is_covered);
	tcase_add_test(t, all_is_the_product);
	tcase_add_test(t, one_factor_has_no_pairs);
	suite_add_tcase(s, t);
	return s;
}
