#include "suggest.h"

#include <string.h>

enum { LONGEST = 64 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The rows are those of the textbook table: two back, one back, this one. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned rows[3][LONGEST + 1];
	unsigned *two = rows[0], *one = rows[1], *now = rows[2];

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= lb; j++)
		one[j] = j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *spare = two;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned d = least(one[j], now[j - 1]) + 1;

			d = least(d, one[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, two[j - 2] + 1);
			now[j] = d;
		}
		two = one;
		one = now;
		now = spare;
	}
	return one[lb];
}

const char *suggest(const char *word, const char *const *names)
{
	unsigned limit =
	    1 + strlen(word) / 3; /* one slip in three letters is still the same word */
	const char *nearest = NULL;

	for (; *names; names++) {
		unsigned d = distance(word, *names);

		if (d <= limit && (!nearest || d < limit)) {
			nearest = *names;
			limit = d;
		}
	}
	return nearest;
}
