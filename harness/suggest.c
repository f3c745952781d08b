#include "suggest.h"

#include <string.h>

<<<<<<< HEAD
enum { LONGEST = 63 };

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static size_t measure_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	size_t d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= la; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			size_t differs = a[i - 1] != b[j - 1];

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
=======
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
>>>>>>> scenario
}

const char *suggest(const char *word, const char *const *names)
{
<<<<<<< HEAD
	const char *nearest = NULL;
	size_t least = strlen(word) / 3 + 1;

	if (strlen(word) > LONGEST)
		return NULL;
	for (; *names; names++) {
		size_t distance;

		if (strlen(*names) > LONGEST)
			continue;
		distance = measure_distance(word, *names);
		/* As many differences as letters would be another word altogether. */
		if (distance < strlen(*names) &&
		    (distance < least || (distance == least && !nearest))) {
			least = distance;
			nearest = *names;
=======
	unsigned limit =
	    1 + strlen(word) / 3; /* one slip in three letters is still the same word */
	const char *nearest = NULL;

	for (; *names; names++) {
		unsigned d = distance(word, *names);

		if (d <= limit && (!nearest || d < limit)) {
			nearest = *names;
			limit = d;
>>>>>>> scenario
		}
	}
	return nearest;
}
