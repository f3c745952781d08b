/* Plots: what a bench found is written as tables for gnuplot, which draws them by the scripts in
 * reports/plots/. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bench.h"
#include "bench_phases.h"
#include "cleanup.h"
#include "paths.h"
#include "printable.h"
#include "text.h"

extern char **environ;

/* One table: a line for each object of a list, made by put. */
struct data {
	const char *name;
	const char *list; /* key in the result */
	void (*head)(FILE *out);
	void (*put)(FILE *out, const json_t *o);
};

static double number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

/* A name that gnuplot takes as it is, between tabs and and between quotes, too. */
static void put_name(FILE *out, const json_t *o, const char *key)
{
	cleanup_free char *shown = printable_json(json_object_get(o, key), "\"");

	fprintf(out, "%s\t", shown);
}

static void put_who(FILE *out, const json_t *o)
{
	put_name(out, o, "module");
	put_name(out, o, "entry");
}

static void head_phases(FILE *out)
{
	fputs("module\tentry\ttotal\tadded", out);
	for (const struct bench_phase *p = bench_phases; p->name; p++)
		fprintf(out, "\t%s", p->name);
	fputs("\n", out);
}

static void put_phases(FILE *out, const json_t *login)
{
	const json_t *cost = json_object_get(login, "cost"),
	             *phases = json_object_get(cost, "phases");

	put_who(out, login);
	fprintf(out, "%.0f\t%.0f", number(cost, "total_ns"), number(login, "busy_added_ns"));
	for (const struct bench_phase *p = bench_phases; p->name; p++)
		fprintf(out, "\t%.0f", number(phases, p->name));
	fputs("\n", out);
}

static void head_growth(FILE *out)
{
	fputs("module\tentry\taxis\tsize\ttotal\topen_candidate\tclose_candidate\n", out);
}

static void put_growth(FILE *out, const json_t *o)
{
	const json_t *cost = json_object_get(o, "cost"), *phases = json_object_get(cost, "phases");

	put_who(out, o);
	put_name(out, o, "axis");
	fprintf(out, "%.0f\t%.0f\t%.0f\t%.0f\n", number(o, "size"), number(cost, "total_ns"),
	        number(phases, "open_candidate"), number(phases, "close_candidate"));
}

static void head_memory(FILE *out)
{
	fputs("module\topen\tavailable\tanon\tslab\ttables\tstack\n", out);
}

static void put_memory(FILE *out, const json_t *o)
{
	const json_t *kb = json_object_get(o, "kb_per_session");

	put_name(out, o, "module");
	fprintf(out, "%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\n", number(o, "wanted"),
	        number(kb, "MemAvailable"), number(kb, "AnonPages"), number(kb, "Slab"),
	        number(kb, "PageTables"), number(kb, "KernelStack"));
}

static void head_wall(FILE *out)
{
	fputs("module\tentry\tbusy\twindow\tp50\tlow\thigh\tp95\tlow\thigh\tp99\tlow\thigh\tratio\t"
	      "low"
	      "\thigh\n",
	      out);
}

static void put_interval(FILE *out, const json_t *v)
{
	for (size_t i = 0; i < 3; i++)
		if (json_array_size(v) == 3)
			fprintf(out, "\t%.6g", json_number_value(json_array_get(v, i)));
		else
			fputs("\tNaN", out);
}

static void put_wall(FILE *out, const json_t *o)
{
	const json_t *ratio = json_object_get(json_object_get(o, "ratio"), "none");

	put_who(out, o);
	fprintf(out, "%.0f\t%.0f", number(o, "busy_ns"), number(o, "window_ns"));
	put_interval(out, json_object_get(o, "p50"));
	put_interval(out, json_object_get(o, "p95"));
	put_interval(out, json_object_get(o, "p99"));
	put_interval(out, json_object_get(ratio, "p50"));
	fputs("\n", out);
}

static const struct data tables[] = {
    {"phases", "logins", head_phases, put_phases},
    {"growth", "growth", head_growth, put_growth},
    {"memory", "memory", head_memory, put_memory},
    {"wall", "wall", head_wall, put_wall},
};

/* The plots, each of a table. */
static const struct {
	const char *script, *of;
} plots[] = {
    {"added", "logins"},  {"phases", "logins"}, {"growth", "growth"},
    {"memory", "memory"}, {"wall", "wall"},     {"instructions", "wall"},
};

static int write_table(const struct data *t, const char *dir, const json_t *result, struct err **e)
{
	cleanup_free char *path = text_format("%s/plots/%s.tsv", dir, t->name), *text = NULL;
	size_t len, i;
	json_t *o;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	t->head(out);
	json_array_foreach(json_object_get(result, t->list), i, o) t->put(out, o);
	fclose(out);
	return write_file(path, text, len, e);
}

/* What the scripts know besides the tables: names in their order, and the correlation. */
static int write_names(const char *dir, const json_t *result, struct err **e)
{
	static const char *const lists[] = {"modules", "entries"};
	const json_t *c = json_object_get(result, "correlation");
	cleanup_free char *path = text_format("%s/plots/names.gp", dir), *text = NULL;
	size_t len, i;
	json_t *name;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	for (size_t k = 0; k < 2; k++) {
		fprintf(out, "array %s[%zu]\n", lists[k],
		        json_array_size(json_object_get(result, lists[k])));
		json_array_foreach(json_object_get(result, lists[k]), i, name)
		{
			cleanup_free char *shown = printable_json(name, "\"");

			fprintf(out, "%s[%zu] = \"%s\"\n", lists[k], i + 1, shown);
		}
	}
	fprintf(out, "correlation = \"%s\"\n", json_is_object(c) ? "" : "too few pairs");
	if (json_is_object(c))
		fprintf(out, "correlation = \"Pearson %.4f, Spearman %.4f, n = %.0f\"\n",
		        number(json_object_get(c, "busy"), "pearson"),
		        number(json_object_get(c, "busy"), "spearman"), number(c, "n"));
	fprintf(out, "accel = \"%s\"\n",
	        json_string_value(json_object_get(json_object_get(result, "run"), "accel")) ?: "");
	fclose(out);
	return write_file(path, text, len, e);
}

/* 1: there is no gnuplot. */
static int draw(const char *dir, const char *script, const char *format, struct err **e)
{
	cleanup_free char *path = path_home("reports/plots/%s.gp", script);
	char *argv[] = {"gnuplot", "-c", path, (char *)dir, (char *)format, NULL};
	int status, r;
	pid_t pid;

	r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r == ENOENT)
		return 1;
	if (r != 0)
		return err_set(e, r, "gnuplot");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? err_set(e, 0, "gnuplot could not draw %s (its words are above)", path) : 0;
}

int bench_plot(const char *dir, const json_t *result, struct err **e)
{
	static const char *const formats[] = {"svg", "png"};
	cleanup_free char *folder = text_format("%s/plots", dir);

	if (make_dirs(folder, e) < 0 || write_names(dir, result, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (write_table(&tables[i], dir, result, e) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(plots) / sizeof(*plots); i++)
		for (size_t k = 0; k < 2; k++) {
			int status = 0;

			if (json_array_size(json_object_get(result, plots[i].of)))
				status = draw(folder, plots[i].script, formats[k], e);
			if (status)
				return status;
		}
	return 0;
}
