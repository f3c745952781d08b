/* From the log of a bench to its results. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_wall_stats.h"
#include "cleanup.h"

static const char *const bases[] = {"none", "pam_basic", "pam_namespace", NULL};

/* The lines of a log by kind. */
struct lines {
	json_t *run, *login, *growth, *wall;
};

static int take_line(void *data, size_t number, const json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	const char *kind = json_string_value(json_object_get(obj, "kind"));
	struct lines *l = data;
	json_t *list;

	(void)number;
	if (type && !strcmp(type, "run") && !l->run)
		l->run = json_incref((json_t *)obj);
	if (!type || !kind || strcmp(type, "bench") != 0)
		return 0;
	list = !strcmp(kind, "login")    ? l->login
	       : !strcmp(kind, "growth") ? l->growth
	       : !strcmp(kind, "wall")   ? l->wall
	                                 : NULL;
	if (list)
		json_array_append(list, (json_t *)obj);
	return 0;
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
	const char *x = text(a, key), *y = text(b, key);

	return x && y && !strcmp(x, y);
}

/* Both may be missing. */
static bool same_value(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == y || json_equal(x, y);
}

static const json_t *find(const json_t *list, const char *module, const json_t *like)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const char *name = text(o, "module");

		if (name && !strcmp(name, module) && same_text(o, like, "entry") &&
		    same_value(o, like, "axis") && same_value(o, like, "size"))
			return o;
	}
	return NULL;
}

static double number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

/* Folds one of the runs of a login into what is known of it. */
static void fold_login(json_t *into, const json_t *line)
{
	bool marked = json_is_true(json_object_get(line, "marked"));
	const char *digest_key = marked ? "marked_digest" : "digest";
	const char *runs_key = marked ? "marked_runs" : "runs";
	json_t *cost = json_object_get(line, "cost"), *all = json_object_get(into, "cost");
	json_t *digest = json_object_get(line, "digest");

	json_object_set_new(into, runs_key,
	                    json_integer(json_integer_value(json_object_get(into, runs_key)) + 1));
	if (!json_object_get(into, digest_key))
		json_object_set(into, digest_key, digest);
	else if (!json_equal(json_object_get(into, digest_key), digest))
		json_object_set_new(into, "same", json_false());
	if (!json_is_true(json_object_get(line, "finished"))) {
		json_object_set_new(into, "finished", json_false());
		json_object_set(into, "status", json_object_get(line, "status"));
		json_object_set(into, "why", json_object_get(line, "why"));
	}
	if (!cost)
		return;
	if (!marked) {
		json_object_update(all, cost);
		return;
	}
	json_object_set(into, "marked", cost);
}

static void take_off(json_t *phases, const char *name, double ns)
{
	if (json_object_get(phases, name))
		json_object_set_new(phases, name, json_real(number(phases, name) - ns));
}

/* Markers are loaded, and the stacks are longer with them: what that costs is known from the same
 * login without them, for the time before, in and after the session. It is taken off where it
 * arises, so that the phases are those of a login without markers, and sum up to its total. */
static void correct_phases(json_t *o)
{
	json_t *cost = json_object_get(o, "cost"), *marked = json_object_get(o, "marked");
	json_t *phases = json_copy(json_object_get(marked, "phases"));
	double enter = number(marked, "enter_ns") - number(cost, "enter_ns");
	double leave = number(marked, "leave_ns") - number(cost, "leave_ns");
	double total = number(marked, "total_ns") - number(cost, "total_ns");

	if (!phases)
		return;
	if (json_object_get(cost, "total_ns") && json_object_get(marked, "leave_ns")) {
		take_off(phases, "start", enter);
		take_off(phases, json_object_get(phases, "return") ? "return" : "logout", leave);
		take_off(phases, "session", total - enter - leave);
		json_object_set_new(o, "loading_ns", json_real(total));
	}
	json_object_set(o, "markers_ns", json_object_get(marked, "markers_ns"));
	json_object_set_new(cost, "phases", phases);
	json_object_del(o, "marked");
}

static json_t *fold_logins(const json_t *lines)
{
	json_t *logins = json_array(), *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		json_t *o = (json_t *)find(logins, text(line, "module") ?: "", line);

		if (!o) {
			o = json_pack(
			    "{s:O, s:O, s:O, s:b, s:b, s:{}}", "id", json_object_get(line, "id"),
			    "module", json_object_get(line, "module"), "entry",
			    json_object_get(line, "entry"), "same", true, "finished", true, "cost");
			if (!o)
				continue;
			json_array_append_new(logins, o);
		}
		fold_login(o, line);
	}
	json_array_foreach(logins, i, line) correct_phases(line);
	return logins;
}

/* What a login costs more than the same without a module. */
static void add_difference(json_t *o, const json_t *none)
{
	const json_t *cost = json_object_get(o, "cost"), *without = json_object_get(none, "cost");

	if (json_object_get(cost, "total_ns") && json_object_get(without, "total_ns"))
		json_object_set_new(
		    o, "added_ns",
		    json_real(number(cost, "total_ns") - number(without, "total_ns")));
	if (json_object_get(cost, "busy_ns") && json_object_get(without, "busy_ns"))
		json_object_set_new(
		    o, "busy_added_ns",
		    json_real(number(cost, "busy_ns") - number(without, "busy_ns")));
}

/* total_ns against that of the modules to compare with, and what it is more than without any. */
static void add_ratios(json_t *logins)
{
	json_t *o;
	size_t i;

	json_array_foreach(logins, i, o)
	{
		json_t *ratio = json_object();
		double total = number(json_object_get(o, "cost"), "total_ns");

		for (const char *const *b = bases; *b; b++) {
			const json_t *base = find(logins, *b, o);
			double of = base ? number(json_object_get(base, "cost"), "total_ns") : 0;

			if (total > 0 && of > 0)
				json_object_set_new(ratio, *b, json_real(total / of));
			if (b == bases)
				add_difference(o, base);
		}
		json_object_set_new(o, "ratio", ratio);
	}
}

/* By axis and size, whatever came first in the log. */
static int by_size(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = strcmp(text(x, "axis") ?: "", text(y, "axis") ?: "");

	return order ? order
	             : (number(x, "size") > number(y, "size")) -
	                   (number(x, "size") < number(y, "size"));
}

static json_t *sort_growth(json_t *growth)
{
	size_t n = json_array_size(growth), i;
	cleanup_free json_t **items = calloc(n + 1, sizeof(json_t *));
	json_t *sorted = json_array(), *o;

	if (!items)
		abort();
	json_array_foreach(growth, i, o) items[i] = o;
	qsort(items, n, sizeof(json_t *), by_size);
	for (i = 0; i < n; i++)
		json_array_append(sorted, items[i]);
	json_decref(growth);
	return sorted;
}

/* Of logins with markers, whose own time is taken off; that they are loaded is the same for all. */
static json_t *fold_growth(const json_t *lines)
{
	json_t *growth = json_array(), *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		json_t *o = json_object(), *cost = json_object_get(line, "cost");
		static const char *const keys[] = {"id",   "module",   "entry", "axis",
		                                   "size", "finished", "why",   "populated"};

		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			if (json_object_get(line, keys[k]))
				json_object_set(o, keys[k], json_object_get(line, keys[k]));
		json_object_set_new(o, "cost", cost ? json_copy(cost) : json_object());
		json_array_append_new(growth, o);
	}
	growth = sort_growth(growth);
	add_ratios(growth);
	return growth;
}

/* What each of many open sessions takes of the guest's memory: the difference that they made, by
 * their number. */
static json_t *fold_memory(const json_t *growth)
{
	json_t *memory = json_array(), *line;
	size_t i;

	json_array_foreach(growth, i, line)
	{
		const json_t *p = json_object_get(line, "populated");
		const json_t *before = json_object_get(p, "before_kb");
		json_int_t open = json_integer_value(json_object_get(p, "sessions"));
		json_int_t wanted = json_integer_value(json_object_get(line, "size")) - 1;
		json_t *kb = json_object(), *was, *o;
		const char *key, *axis = text(line, "axis");

		if (!axis || strcmp(axis, "sessions") != 0 || wanted < 1) {
			json_decref(kb);
			continue;
		}
		json_object_foreach((json_t *)before, key, was)
		{
			double change =
			    number(json_object_get(p, "after_kb"), key) - json_number_value(was);

			if (!strcmp(key, "MemAvailable"))
				change = -change;
			if (open > 0)
				json_object_set_new(kb, key, json_real(change / (double)open));
		}
		o = json_pack("{s:O, s:I, s:I, s:o}", "module", json_object_get(line, "module"),
		              "wanted", wanted, "open", open, "kb_per_session", kb);
		json_array_append_new(memory, o);
	}
	return memory;
}

static json_t *names_of(const json_t *run)
{
	json_t *names = json_array(), *module;
	size_t i;

	json_array_foreach(json_object_get(run, "modules"), i, module)
	{
		if (json_is_string(json_object_get(module, "name")))
			json_array_append(names, json_object_get(module, "name"));
	}
	return names;
}

static json_t *derive(const struct lines *l)
{
	static const char *const keys[] = {"version",     "image", "image_hash", "kernel",
	                                   "kernel_hash", "accel", "qemu",       "template",
	                                   "started",     "bench"};
	const json_t *about = json_object_get(l->run, "bench");
	uint32_t seed = (uint32_t)json_integer_value(json_object_get(about, "seed"));
	json_t *run = json_object(), *logins = fold_logins(l->login);
	json_t *growth = fold_growth(l->growth), *wall = bench_wall_stats(l->wall, bases, seed);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (json_object_get(l->run, keys[i]))
			json_object_set(run, keys[i], json_object_get(l->run, keys[i]));
	add_ratios(logins);
	return json_pack("{s:o, s:o, s:O, s:o, s:o, s:o, s:o, s:o}", "run", run, "modules",
	                 names_of(l->run), "entries",
	                 json_object_get(about, "entries") ?: json_null(), "logins", logins,
	                 "growth", growth, "memory", fold_memory(growth), "wall", wall,
	                 "correlation", bench_wall_correlation(wall));
}

json_t *bench_derive(const char *path, struct err **e)
{
	struct lines l = {.login = json_array(), .growth = json_array(), .wall = json_array()};
	struct eventlog_damage damage;
	json_t *result = NULL;

	if (eventlog_read(path, take_line, &l, &damage, e) == 0) {
		if (json_object_get(l.run, "bench"))
			result = derive(&l);
		else
			err_usage(e, "%s is not the log of a pamlab bench", path);
	}
	eventlog_damage_free(&damage);
	json_decref(l.run);
	json_decref(l.login);
	json_decref(l.growth);
	json_decref(l.wall);
	return result;
}
