/* What `pamlab bench` measured, as cases. A case's cost is that of its plain logins, its phases are
 * those of the marked ones. Its wall times count by the block, a clone that logged in many times:
 * what one clone measured is alike, and is one sample. And they count as ratios to what the stack
 * without a module took in the same block: that takes out how fast the machine was just then, so
 * that runs of two days can be compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rank_test.h"
#include "results.h"
#include "text.h"

static const char *text_of(const json_t *obj, const char *key)
{
	const char *text = json_string_value(json_object_get(obj, key));

	return text ? text : "";
}

static json_t *member(json_t *obj, const char *key)
{
	json_t *found = json_object_get(obj, key);

	if (!found) {
		found = json_object();
		json_object_set_new(obj, key, found);
	}
	return found;
}

static void take_login(json_t *entry, const json_t *line)
{
	json_t *cost = json_object_get(line, "cost");

	if (!json_is_true(json_object_get(line, "finished"))) {
		json_object_set_new(entry, "broken", json_true());
		return;
	}
	if (json_is_true(json_object_get(line, "marked")))
		results_take_costs(member(entry, "cost"), json_object_get(cost, "phases"));
	else
		results_take_costs(member(entry, "cost"), cost);
}

/* How a login's cost grows with the host: a phase for each size. */
static void take_growth(json_t *entry, const json_t *line)
{
	json_t *total = json_object_get(json_object_get(line, "cost"), "total_ns");
	cleanup_free char *name = NULL;

	if (!json_is_integer(total) || json_integer_value(total) < 0)
		return;
	name = text_format("total_ns %s=%lld", text_of(line, "axis"),
	                   (long long)json_integer_value(json_object_get(line, "size")));
	json_object_set(member(entry, "cost"), name, total);
}

static void take_wall(json_t *entry, const json_t *line)
{
	const json_t *walls = json_object_get(line, "wall_ns"), *wall;
	cleanup_free double *values = calloc(json_array_size(walls) + 1, sizeof(*values));
	char block[24];
	size_t i, n = 0;

	if (!values)
		abort();
	json_array_foreach(walls, i, wall)
	{
		if (json_is_number(wall))
			values[n++] = json_number_value(wall);
	}
	snprintf(block, sizeof(block), "%lld",
	         (long long)json_integer_value(json_object_get(line, "block")));
	if (n)
		json_object_set_new(member(entry, "walls"), block, json_real(median(values, n)));
}

void results_take_bench(struct results *r, const json_t *line)
{
	const char *id = text_of(line, "id"), *kind = text_of(line, "kind");
	json_t *entry;

	if (!*id)
		return;
	if (!r->bench)
		r->bench = json_object();
	entry = member(r->bench, id);
	json_object_set_new(entry, "module", json_string(text_of(line, "module")));
	json_object_set_new(entry, "entry", json_string(text_of(line, "entry")));
	if (!strcmp(kind, "login"))
		take_login(entry, line);
	else if (!strcmp(kind, "growth"))
		take_growth(entry, line);
	else if (!strcmp(kind, "wall"))
		take_wall(entry, line);
}

static const json_t *find_none(json_t *bench, const char *entry)
{
	const char *id;
	json_t *other;

	json_object_foreach(bench, id, other)
	{
		if (!strcmp(text_of(other, "module"), "none") &&
		    !strcmp(text_of(other, "entry"), entry))
			return json_object_get(other, "walls");
	}
	return NULL;
}

static void add_ratios(struct result_case *c, json_t *walls, const json_t *none)
{
	cleanup_json json_t *ratios = json_array();
	const char *block;
	json_t *wall;

	json_object_foreach(walls, block, wall)
	{
		double without = json_number_value(json_object_get(none, block));

		if (without > 0)
			json_array_append_new(ratios, json_real(json_number_value(wall) / without));
	}
	if (json_array_size(ratios))
		json_object_set(c->samples, "wall time, times that without a module", ratios);
}

void results_fold_bench(struct results *r)
{
	const char *accel = text_of(r->identity, "accel"), *id;
	json_t *entry;

	json_object_foreach(r->bench, id, entry)
	{
		struct result_case *c = results_add(r, id);

		c->verdict = VERDICT_INFO;
		if (json_object_get(entry, "broken")) {
			c->verdict = VERDICT_FAIL;
			c->reason = strdup("a login did not come to its end");
		}
		/* Under kvm the clock is the host's, and one login proves nothing. */
		if (strcmp(accel, "kvm") != 0)
			json_object_update(c->cost, member(entry, "cost"));
		if (strcmp(text_of(entry, "module"), "none") != 0)
			add_ratios(c, json_object_get(entry, "walls"),
			           find_none(r->bench, text_of(entry, "entry")));
	}
}
