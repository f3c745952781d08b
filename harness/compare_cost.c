/* Costs that were counted, and so are exact. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"

/* Of the other phases, so many are named: those that changed most. */
#define PHASES_NAMED 3

struct phase {
	const char *name;
	json_int_t base, now, change;
};

static int by_change(const void *a, const void *b)
{
	const struct phase *x = a, *y = b;
	json_int_t p = llabs(x->change), q = llabs(y->change);

	return p != q ? (p < q) - (p > q) : strcmp(x->name, y->name);
}

/* Phases that both have and that differ, the greatest change first. */
static size_t changed_phases(const struct result_case *base, const struct result_case *now,
                             struct phase **list)
{
	struct phase *p = calloc(json_object_size(base->cost) + 1, sizeof(*p));
	const char *name;
	json_t *was;
	size_t n = 0;

	if (!p)
		abort();
	json_object_foreach(base->cost, name, was)
	{
		json_t *is = json_object_get(now->cost, name);
		json_int_t a = json_integer_value(was), b = json_integer_value(is);

		if (is && a != b)
			p[n++] = (struct phase){name, a, b, b - a};
	}
	if (n)
		qsort(p, n, sizeof(*p), by_change);
	*list = p;
	return n;
}

static void put_phase(FILE *out, const struct phase *p)
{
	cleanup_free char *was = cost_text(p->base), *is = cost_text(p->now);
	cleanup_free char *by = cost_text(p->change), *percent = cost_percent(p->base, p->now);

	fprintf(out, "%s %s to %s ns (%s%s ns, %s)", p->name, was, is, p->change > 0 ? "+" : "", by,
	        percent);
}

/* "total_ns 1 to 2 ns (+1 ns, +100 %), at most 1 allowed by +0.5%; of these: enter_ns ..." */
static char *tell(const struct result_case *now, const struct phase *p,
                  const struct cost_limit *limit, const struct phase *all, size_t n)
{
	char *text = NULL;
	size_t len, named = 0;
	FILE *out = open_memstream(&text, &len);

	put_phase(out, p);
	if (limit) {
		cleanup_free char *most = cost_text(cost_allowed(limit, p->base));

		fprintf(out, ", with %s at most %s ns", limit->text, most);
	}
	for (size_t i = 0; i < n && named < PHASES_NAMED; i++) {
		if (all[i].name == p->name)
			continue;
		fputs(named++ ? ", " : "; phases: ", out);
		put_phase(out, &all[i]);
	}
	if (now->run && strcmp(now->run, now->id) != 0)
		fprintf(out, "; the login of %s", now->run);
	fclose(out);
	return text;
}

static json_t *phases_json(const struct phase *p, size_t n)
{
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, p[i].name,
		                    json_pack("{s:I, s:I}", "base", p[i].base, "new", p[i].now));
	return o;
}

/* The whole, if that is known; if not, what changed most. */
static const struct phase *leading(const struct phase *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(p[i].name, COST_LIMIT_PHASE))
			return &p[i];
	return p;
}

static void put_finding(json_t *findings, const struct result_case *now, const struct phase *at,
                        const struct cost_limit *limit, const struct phase *all, size_t n)
{
	json_t *f = compare_find(findings, at->change > 0 ? "cost" : "cheaper", limit != NULL, now,
	                         tell(now, at, limit, all, n));

	json_object_set_new(f, "phase", json_string(at->name));
	json_object_set_new(f, "base", json_integer(at->base));
	json_object_set_new(f, "new", json_integer(at->now));
	if (now->run && strcmp(now->run, now->id) != 0)
		json_object_set_new(f, "login", json_string(now->run));
	if (limit) {
		json_object_set_new(f, "limit", json_string(limit->text));
		json_object_set_new(f, "allowed", json_integer(cost_allowed(limit, at->base)));
	}
	json_object_set_new(f, "phases", phases_json(all, n));
}

/* A log that names no logins has one for each case. */
static const char *login_of(const struct result_case *c)
{
	return c->run ? c->run : c->id;
}

void compare_costs(const struct result_case *base, const struct result_case *now,
                   const struct compare_rules *rules, json_t *findings, json_t *told, size_t *apart)
{
	cleanup_free struct phase *p = NULL;
	bool judged = false;
	size_t n;

	/* A login that went another way costs something else. */
	if (base->verdict != now->verdict || !json_object_size(base->cost) ||
	    !json_object_size(now->cost))
		return;
	if (strcmp(login_of(base), login_of(now)) != 0) {
		++*apart;
		return;
	}
	if (json_object_get(told, login_of(now)))
		return;
	json_object_set_new(told, login_of(now), json_true());
	n = changed_phases(base, now, &p);
	for (size_t i = 0; i < n; i++) {
		const struct cost_limit *limit = cost_limit_of(&rules->limits, p[i].name);

		if (limit && p[i].now > cost_allowed(limit, p[i].base)) {
			put_finding(findings, now, &p[i], limit, p, n);
			judged = true;
		}
	}
	if (n && !judged)
		put_finding(findings, now, leading(p, n), NULL, p, n);
}
