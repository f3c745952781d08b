#include "gate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "comparison.h"
#include "cleanup.h"
#include "reporter.h"
#include "suggest.h"

void gate_init(struct gate *g)
{
	*g = (struct gate){.rules = {.wall_alpha = WALL_ALPHA_DEFAULT}};
	cost_limits_add(&g->rules.limits, COST_LIMIT_DEFAULT, NULL);
}

void gate_clear(struct gate *g)
{
	cost_limits_clear(&g->rules.limits);
	known_free(&g->known);
}

int gate_max_cost(struct gate *g, const char *text, struct err **e)
{
	/* What is said takes the place of the default, and adds to what was said. */
	if (!g->costs_given)
		cost_limits_clear(&g->rules.limits);
	g->costs_given = true;
	return cost_limits_add(&g->rules.limits, text, e);
}

int gate_wall_alpha(struct gate *g, const char *text, struct err **e)
{
	char *end;
	double alpha = strtod(text, &end);

	if (end == text || *end || !(alpha > 0 && alpha <= 0.5))
		return err_usage(e,
		                 "--wall-alpha takes a chance, more than 0 and at most 0.5, "
		                 "such as 0.001, not \"%s\"",
		                 text);
	g->rules.wall_alpha = alpha;
	return 0;
}

int gate_known(struct gate *g, const char *path, struct err **e)
{
	known_free(&g->known);
	if (known_load(path, time(NULL), &g->known, e) < 0)
		return -1;
	g->rules.known = g->known;
	return 0;
}

int gate_format(struct gate *g, const char *name, struct err **e)
{
	const char *near;

	g->format = name;
	if (comparison_writer(name))
		return 0;
	near = suggest(name, comparison_formats);
	return err_usage(e, "no format \"%s\"%s%s: text, json, github or markdown", name,
	                 near ? "; did you mean " : "", near ? near : "");
}

int gate_check(const struct gate *g, json_t *identity, struct err **e)
{
	cleanup_results struct results base = {0};
	cleanup_json json_t *notes = json_array();
	struct results now = {.path = (char *)"this run", .identity = identity};

	if (!g->baseline)
		return 0;
	if (results_read(g->baseline, &base, e) < 0)
		return -1;
	return compare_identity(&base, &now, notes, e);
}

int gate_compare(const struct gate *g, const char *base, const char *now, FILE *out, struct err **e)
{
	cleanup_results struct results was = {0}, is = {0};
	cleanup_json json_t *comparison = NULL;

	if (results_read(base, &was, e) < 0 || results_read(now, &is, e) < 0)
		return -1;
	comparison = compare_results(&was, &is, &g->rules, e);
	if (!comparison)
		return -1;
	comparison_writer(g->format ? g->format : "text")(out, comparison);
	if (report_flush(out, e) < 0)
		return -1;
	return (int)compare_status(comparison);
}
