#include "cost_limit.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"

#define DECIMALS    6
#define PERCENT_MAX 1000

/* Wide enough for the product of a cost and a limit. */
typedef __int128 wide;

static int fail(const char *text, struct err **e)
{
	return err_usage(
	    e,
	    "--max-cost takes [PHASE=]+P%%, such as +0.5%% or enter_ns=+1%%, with P from "
	    "0 to %d and at most %d decimals, or none; not \"%s\"",
	    PERCENT_MAX, DECIMALS, text);
}

/* "+0.25%" -> 25 / 10000. */
static bool parse_growth(const char *text, struct cost_limit *l)
{
	json_int_t n = 0, d = 100;
	int decimals = 0;
	const char *p = text + (*text == '+');

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p) && n <= PERCENT_MAX; p++)
		n = n * 10 + (*p - '0');
	if (n > PERCENT_MAX)
		return false;
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p) && decimals < DECIMALS; p++, decimals++) {
			n = n * 10 + (*p - '0');
			d *= 10;
		}
		if (!decimals)
			return false;
	}
	l->numerator = n;
	l->denominator = d;
	return !strcmp(p, "%") && n <= PERCENT_MAX * (d / 100);
}

int cost_limits_add(struct cost_limits *l, const char *text, struct err **e)
{
	const char *equals = strrchr(text, '='), *growth = equals ? equals + 1 : text;
	struct cost_limit limit = {0}, *more;

	if (!strcmp(text, "none")) {
		cost_limits_clear(l);
		return 0;
	}
	if (equals == text || !parse_growth(growth, &limit))
		return fail(text, e);
	limit.phase = equals ? strndup(text, equals - text) : strdup(COST_LIMIT_PHASE);
	limit.text = strdup(growth);
	more = realloc(l->list, (l->n + 1) * sizeof(*more));
	if (!more)
		abort();
	l->list = more;
	l->list[l->n++] = limit;
	return 0;
}

void cost_limits_clear(struct cost_limits *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->list[i].phase);
		free(l->list[i].text);
	}
	free(l->list);
	memset(l, 0, sizeof(*l));
}

/* The last one said counts. */
const struct cost_limit *cost_limit_of(const struct cost_limits *l, const char *phase)
{
	for (size_t i = l->n; i > 0; i--)
		if (!strcmp(l->list[i - 1].phase, phase))
			return &l->list[i - 1];
	return NULL;
}

json_int_t cost_allowed(const struct cost_limit *l, json_int_t base)
{
	wide most = base + (wide)base * l->numerator / l->denominator;

	return most > INT64_MAX ? INT64_MAX : (json_int_t)most;
}

char *cost_percent(json_int_t base, json_int_t now)
{
	wide change = (wide)now - base, size = change < 0 ? -change : change;
	wide parts; /* of 10^-4 percent */

	if (base <= 0)
		return strdup(now > base ? "new" : "+0.0000 %");
	parts = (size * 1000000 + base - 1) / base;
	return text_format("%c%lld.%04lld %%", change < 0 ? '-' : '+', (long long)(parts / 10000),
	                   (long long)(parts % 10000));
}

char *cost_text(json_int_t ns)
{
	char digits[24];
	char *text = malloc(2 * sizeof(digits)), *to = text;
	int n = snprintf(digits, sizeof(digits), "%lld", (long long)ns);

	if (!text)
		abort();
	for (int i = 0; i < n; i++) {
		*to++ = digits[i];
		if ((n - i - 1) % 3 == 0 && i + 1 < n && digits[i] != '-')
			*to++ = ',';
	}
	*to = '\0';
	return text;
}
