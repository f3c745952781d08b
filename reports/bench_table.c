/* What a bench found, as tables for people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_phases.h"
#include "cleanup.h"
#include "printable.h"

#define NAME_WIDTH 22
#define CELL_WIDTH 13 /* of a number; a name that is longer takes what it needs */

static const char *const bases[] = {"none", "pam_basic", "pam_namespace"};
#define BASES (sizeof(bases) / sizeof(*bases))

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static const json_t *find(const json_t *list, const json_t *module, const json_t *entry)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (json_equal(json_object_get(o, "module"), module) &&
		    (!entry || json_equal(json_object_get(o, "entry"), entry)))
			return o;
	}
	return NULL;
}

static void put_name(FILE *out, const json_t *name)
{
	cleanup_free char *shown = printable_json(name, NULL);

	fprintf(out, "%s%*s", shown, (int)(NAME_WIDTH - (long)text_columns(shown)), "");
}

static void put_number(FILE *out, double v, int digits)
{
	if (isfinite(v))
		fprintf(out, "%*.*f", CELL_WIDTH, digits, v);
	else
		fprintf(out, "%*s", CELL_WIDTH, "-");
}

static void put_words(FILE *out, const json_t *words)
{
	json_t *w;
	size_t i;

	json_array_foreach(words, i, w)
	{
		cleanup_free char *shown = printable_json(w, NULL);

		fprintf(out, "  %*s", CELL_WIDTH - 2, shown);
	}
	fputs("\n", out);
}

/* A number under one of these words. */
static void put_under(FILE *out, const json_t *word, double v)
{
	cleanup_free char *shown = printable_json(word, NULL);
	long more = (long)text_columns(shown) + 2 - CELL_WIDTH;

	fprintf(out, "%*s", more > 0 ? (int)more : 0, "");
	put_number(out, v, 1);
}

/* What is wrong with a login's figures; "" if nothing is. */
static const char *flag_of(const json_t *login)
{
	if (json_is_false(json_object_get(login, "same")))
		return " *";
	return json_is_false(json_object_get(login, "finished")) ? " +" : "";
}

static void put_login(FILE *out, const json_t *login)
{
	const json_t *cost = json_object_get(login, "cost"),
	             *ratio = json_object_get(login, "ratio");

	put_name(out, json_object_get(login, "module"));
	put_number(out, number(cost, "total_ns") / 1000, 1);
	put_number(out, number(login, "added_ns") / 1000, 1);
	for (size_t i = 0; i < BASES; i++)
		put_number(out, number(ratio, bases[i]), 4);
	put_number(out, number(cost, "busy_ns") / 1000, 1);
	put_number(out, number(login, "busy_added_ns") / 1000, 1);
	fprintf(out, "%s\n", flag_of(login));
}

static void put_logins(FILE *out, const json_t *result)
{
	const json_t *logins = json_object_get(result, "logins"), *entries, *o;
	json_t *entry, *module;
	bool differ = false, unfinished = false;
	size_t i, k;

	if (!json_array_size(logins))
		return;
	fputs(
	    "A login in virtual time, us: its own time from exec to return; what that is more "
	    "than\n"
	    "with no module, and how many times that of none, pam_basic and pam_namespace; and "
	    "the\n"
	    "instructions, thousands, of the login with its driver, and how many more they are.\n",
	    out);
	entries = json_object_get(result, "entries");
	json_array_foreach(entries, i, entry)
	{
		fprintf(out, "\n%-*s%*s%*s%*s%*s%*s%*s%*s\n", NAME_WIDTH, json_string_value(entry),
		        CELL_WIDTH, "us", CELL_WIDTH, "more", CELL_WIDTH, "/none", CELL_WIDTH,
		        "/pam_basic", CELL_WIDTH, "/namespace", CELL_WIDTH, "k instr", CELL_WIDTH,
		        "more");
		json_array_foreach(json_object_get(result, "modules"), k, module)
		{
			o = find(logins, module, entry);
			if (!o)
				continue;
			put_login(out, o);
			differ |= json_is_false(json_object_get(o, "same"));
			unfinished |= json_is_false(json_object_get(o, "finished"));
		}
	}
	if (differ)
		fputs("\n* the same login did not cost the same each time\n", out);
	if (unfinished)
		fputs("\n+ the session's program did not come to its end\n", out);
	fputs("\n", out);
}

/* Through the first entry; the others are in bench.json and the plots. */
static void put_phases(FILE *out, const json_t *result)
{
	const json_t *logins = json_object_get(result, "logins"), *o;
	const json_t *modules = json_object_get(result, "modules");
	const json_t *entry = json_array_get(json_object_get(result, "entries"), 0);
	json_t *module;
	size_t i;

	if (!json_array_size(logins))
		return;
	fprintf(out, "Phases of a login through %s, virtual us\n\n%-*s", json_string_value(entry),
	        NAME_WIDTH, "");
	put_words(out, modules);
	for (const struct bench_phase *p = bench_phases; p->name; p++) {
		fprintf(out, "%-*s", NAME_WIDTH, p->name);
		json_array_foreach(modules, i, module)
		{
			o = find(logins, module, entry);
			put_under(
			    out, module,
			    number(json_object_get(json_object_get(o, "cost"), "phases"), p->name) /
			        1000);
		}
		fputs("\n", out);
	}
	fputs("\n", out);
}

static void put_growth_row(FILE *out, const json_t *result, const json_t *like)
{
	json_t *module, *o;
	size_t i, k;

	fprintf(out, "%-*s", (int)NAME_WIDTH - 8, json_string_value(json_object_get(like, "axis")));
	fprintf(out, "%8lld", (long long)json_integer_value(json_object_get(like, "size")));
	json_array_foreach(json_object_get(result, "modules"), i, module)
	{
		double total = NAN;

		json_array_foreach(json_object_get(result, "growth"), k, o)
		{
			if (json_equal(json_object_get(o, "module"), module) &&
			    json_equal(json_object_get(o, "axis"), json_object_get(like, "axis")) &&
			    json_equal(json_object_get(o, "size"), json_object_get(like, "size")))
				total = number(json_object_get(o, "cost"), "total_ns");
		}
		put_under(out, module, total / 1000);
	}
	fputs("\n", out);
}

static void put_growth(FILE *out, const json_t *result)
{
	const json_t *modules = json_object_get(result, "modules"), *o;
	const json_t *growth = json_object_get(result, "growth"), *first;
	size_t i;

	first = json_array_get(growth, 0);
	if (!first)
		return;
	fprintf(out, "A login through %s on a host that is filled before, virtual us\n\n%-*s",
	        json_string_value(json_object_get(first, "entry")), NAME_WIDTH, "");
	put_words(out, modules);
	json_array_foreach(growth, i, o)
	{
		if (json_equal(json_object_get(o, "module"), json_object_get(first, "module")))
			put_growth_row(out, result, o);
	}
	fputs("\n", out);
}

static void put_memory(FILE *out, const json_t *result)
{
	static const char *const keys[] = {"MemAvailable", "AnonPages", "Slab", "PageTables",
	                                   "KernelStack"};
	const json_t *memory = json_object_get(result, "memory"), *o;
	size_t i;

	if (!json_array_size(memory))
		return;
	fprintf(out, "Memory of an open session, kB\n\n%-*s%*s", NAME_WIDTH, "", CELL_WIDTH,
	        "open");
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		fprintf(out, "%*s", CELL_WIDTH, keys[k]);
	fputs("\n", out);
	json_array_foreach(memory, i, o)
	{
		put_name(out, json_object_get(o, "module"));
		put_number(out, number(o, "open"), 0);
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			put_number(out, number(json_object_get(o, "kb_per_session"), keys[k]), 1);
		fputs("\n", out);
	}
	fputs("\n", out);
}

/* Where some did not come to their end, a sample of the others is no sample of all. */
static void put_hangs(FILE *out, const json_t *w)
{
	double hung = number(w, "hung"), failed = number(w, "failed");

	if (hung > 0)
		fprintf(out, "  clones in which a login hung: %.0f", hung);
	else if (failed > 0)
		fprintf(out, "  logins that failed: %.0f", failed);
}

/* "12.3 [11.9, 12.8]" */
static void put_interval(FILE *out, const json_t *v, double unit, int digits)
{
	char text[64] = "-";

	if (json_array_size(v) == 3)
		snprintf(text, sizeof(text), "%.*f [%.*f, %.*f]", digits,
		         json_number_value(json_array_get(v, 0)) / unit, digits,
		         json_number_value(json_array_get(v, 1)) / unit, digits,
		         json_number_value(json_array_get(v, 2)) / unit);
	fprintf(out, "  %26s", text);
}

static void put_walls(FILE *out, const json_t *result)
{
	const json_t *walls = json_object_get(result, "wall"), *w;
	const json_t *c = json_object_get(result, "correlation");
	const json_t *accel = json_object_get(json_object_get(result, "run"), "accel");
	json_t *entry, *module;
	size_t i, k;

	if (!json_array_size(walls))
		return;
	fprintf(out, "Wall time of a login with its driver under %s, ms [95 %% confidence]\n",
	        json_string_value(accel));
	json_array_foreach(json_object_get(result, "entries"), i, entry)
	{
		if (!find(walls, json_object_get(json_array_get(walls, 0), "module"), entry))
			continue;
		fprintf(out, "\n%-*s%6s  %26s  %26s  %26s  %26s\n", NAME_WIDTH,
		        json_string_value(entry), "n", "p50", "p95", "p99", "p50 / none");
		json_array_foreach(json_object_get(result, "modules"), k, module)
		{
			w = find(walls, module, entry);
			if (!w)
				continue;
			put_name(out, module);
			fprintf(out, "%6.0f", number(w, "n"));
			put_interval(out, json_object_get(w, "p50"), 1e6, 2);
			put_interval(out, json_object_get(w, "p95"), 1e6, 2);
			put_interval(out, json_object_get(w, "p99"), 1e6, 2);
			put_interval(
			    out,
			    json_object_get(json_object_get(json_object_get(w, "ratio"), "none"),
			                    "p50"),
			    1, 3);
			put_hangs(out, w);
			fputs("\n", out);
		}
	}
	if (json_is_object(c))
		fprintf(out,
		        "\nMedian wall time and instructions, %.0f pairs of module and entry: "
		        "Pearson %.4f, Spearman %.4f\n"
		        "Median wall time and virtual time: Pearson %.4f, Spearman %.4f\n",
		        number(c, "n"), number(json_object_get(c, "busy"), "pearson"),
		        number(json_object_get(c, "busy"), "spearman"),
		        number(json_object_get(c, "window"), "pearson"),
		        number(json_object_get(c, "window"), "spearman"));
}

void bench_table(FILE *out, const json_t *result)
{
	const json_t *run = json_object_get(result, "run");

	fprintf(out, "pamlab bench: %s, %s, %s\n\n",
	        json_string_value(json_object_get(run, "image")) ?: "?",
	        json_string_value(json_object_get(run, "kernel")) ?: "?",
	        json_string_value(json_object_get(run, "accel")) ?: "?");
	put_logins(out, result);
	put_phases(out, result);
	put_growth(out, result);
	put_memory(out, result);
	put_walls(out, result);
}
