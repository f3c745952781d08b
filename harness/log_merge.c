#include "log_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "eventlog.h"
#include "printable.h"
#include "text.h"

#define LINES_NAMED 20 /* damaged lines that a note names */

struct reading {
	struct logs *logs;
	const char *path, *dir;
	size_t runs, cases, ends;
	struct err *e;
};

void logs_init(struct logs *l)
{
	*l = (struct logs){json_array(), json_array(), json_array(), json_array(), json_object()};
}

void logs_free(struct logs *l)
{
	json_decref(l->runs);
	json_decref(l->cases);
	json_decref(l->ends);
	json_decref(l->notes);
	json_decref(l->where);
	*l = (struct logs){0};
}

static json_t *text(const char *s)
{
	return json_text(s, strlen(s));
}

static int add_run(struct reading *r, const json_t *obj)
{
	json_t *run = json_deep_copy(obj);

	json_object_set_new(run, "log", text(r->path));
	json_object_set_new(run, "dir", text(r->dir));
	json_array_append_new(r->logs->runs, run);
	r->runs++;
	return 0;
}

/* Two verdicts on one case are no report: which of them would be true? */
static int add_case(struct reading *r, const json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id")), *before;
	json_int_t repeat = json_integer_value(json_object_get(obj, "repeat"));
	cleanup_free char *key = text_format("%s %lld", id ? id : "", (long long)repeat);

	before = json_string_value(json_object_get(r->logs->where, key));
	if (id && before && strcmp(before, r->path) != 0)
		return err_usage(&r->e, "case %s is in %s and in %s: report them one by one", id,
		                 before, r->path);
	json_object_set_new(r->logs->where, key, text(r->path));
	json_array_append(r->logs->cases, (json_t *)obj);
	r->cases++;
	return 0;
}

static int add_end(struct reading *r, const json_t *obj)
{
	json_array_append(r->logs->ends, (json_t *)obj);
	r->ends++;
	return 0;
}

static int add_line(void *data, size_t number, const json_t *obj)
{
	static const struct {
		const char *type;
		int (*add)(struct reading *r, const json_t *obj);
	} types[] = {{"run", add_run}, {"case", add_case}, {"end", add_end}};
	const char *type = json_string_value(json_object_get(obj, "type"));

	(void)number;
	for (size_t i = 0; type && i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(types[i].type, type))
			return types[i].add(data, obj);
	return 0;
}

/* "PATH: WHAT" */
static void note(struct reading *r, const char *what)
{
	cleanup_free char *shown = printable(r->path, strlen(r->path), NULL);

	json_array_append_new(r->logs->notes, json_sprintf("%s: %s", shown, what));
}

static void note_damage(struct reading *r, const struct eventlog_damage *damage)
{
	cleanup_free char *lines = NULL;
	size_t size;
	FILE *out = open_memstream(&lines, &size);

	if (!out)
		abort();
	fputs(damage->count == 1 ? "a damaged line was passed over:"
	                         : "damaged lines were passed over:",
	      out);
	for (size_t i = 0; i < damage->count && i < LINES_NAMED; i++)
		fprintf(out, "%s %zu", i ? "," : "", damage->lines[i]);
	if (damage->count > LINES_NAMED)
		fprintf(out, " and %zu more", damage->count - LINES_NAMED);
	fclose(out);
	if (damage->count)
		note(r, lines);
	if (damage->truncated)
		note(r, "the last line is cut off");
	if (!r->runs)
		note(r, "there is no run line: what it was run on is not known");
	if (r->ends < (r->runs ? r->runs : 1))
		note(r, "there is no end line: the run was killed, or is still going on");
}

/* The folder that the log lies in. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return strdup(path);
	return slash ? strndup(path, slash > path ? (size_t)(slash - path) : 1) : strdup(".");
}

int logs_add(struct logs *l, const char *path, struct err **e)
{
	struct eventlog_damage damage;
	cleanup_free char *dir = folder_of(path);
	struct reading r = {.logs = l, .path = path, .dir = dir};
	int done = eventlog_read(path, add_line, &r, &damage, e);

	if (r.e && e && !*e)
		*e = take_ptr(r.e);
	err_free(&r.e);
	if (done == 0 && !r.runs && !r.cases)
		done = err_usage(e, "%s is no event log: it has neither a run nor a case", path);
	if (done == 0)
		note_damage(&r, &damage);
	eventlog_damage_free(&damage);
	return done;
}

/* Puts what `from` lists and `to` has not into it. */
static void unite(json_t *to, const json_t *from)
{
	json_t *item, *other;
	size_t i, k;

	json_array_foreach((json_t *)from, i, item)
	{
		bool there = false;

		json_array_foreach(to, k, other) there |= json_equal(item, other);
		if (!there)
			json_array_append(to, item);
	}
}

/* Of runs that differ in it: "A, B". */
static void join(json_t *run, const json_t *runs, const char *key)
{
	cleanup_json json_t *values = json_array();
	json_t *one, *value;
	size_t i;

	json_array_foreach((json_t *)runs, i, one)
	{
		cleanup_json json_t *list = json_array();

		value = json_object_get(one, key);
		if (value)
			json_array_append(list, value);
		unite(values, list);
	}
	for (i = 1; i < json_array_size(values); i++) {
		cleanup_free char *before = printable_json(json_object_get(run, key), NULL);
		cleanup_free char *more = printable_json(json_array_get(values, i), NULL);

		json_object_set_new(run, key, json_sprintf("%s, %s", before, more));
	}
}

/* What is not the same in all runs cannot be said of them together; each has its own in `runs`. */
static void keep_common(json_t *run, const json_t *runs, const char *key)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)runs, i, one)
	{
		const json_t *a = json_object_get(run, key), *b = json_object_get(one, key);

		if (a && (!b || !json_equal(a, b)))
			json_object_del(run, key);
	}
}

/* They began when the first did. */
static void take_earliest(json_t *run, const json_t *runs)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)runs, i, one)
	{
		json_t *started = json_object_get(one, "started");
		const char *a = json_string_value(json_object_get(run, "started"));
		const char *b = json_string_value(started);

		if (b && (!a || strcmp(b, a) < 0))
			json_object_set(run, "started", started);
	}
}

static json_t *run_of(const struct logs *l)
{
	static const char *const scalars[] = {"version",     "image",    "image_hash",
	                                      "kernel",      "template", "booted",
	                                      "kernel_hash", "qemu",     "accel"};
	static const char *const commons[] = {"format", "argv",   "plan",  "shard", "merged",
	                                      "cover",  "strict", "known", "bench"};
	static const char *const lists[] = {"modules", "scenarios"};
	json_t *run = json_copy(json_array_get(l->runs, 0)), *one;
	json_int_t cases = 0;
	size_t i, k;

	if (!run)
		return json_pack("{s:s}", "type", "run");
	if (json_array_size(l->runs) == 1)
		return run;
	for (k = 0; k < sizeof(scalars) / sizeof(*scalars); k++)
		join(run, l->runs, scalars[k]);
	for (k = 0; k < sizeof(commons) / sizeof(*commons); k++)
		keep_common(run, l->runs, commons[k]);
	take_earliest(run, l->runs);
	for (k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
		json_object_set_new(run, lists[k], json_array());
		json_array_foreach(l->runs, i, one)
		    unite(json_object_get(run, lists[k]), json_object_get(one, lists[k]));
	}
	json_array_foreach(l->runs, i, one)
	{
		json_int_t n = json_integer_value(json_object_get(one, "cases"));

		cases += n > 0 && n < 1000000000 ? n : 0;
	}
	json_object_set_new(run, "cases", json_integer(cases));
	json_object_set(run, "runs", l->runs);
	return run;
}

static json_t *counts_of(const struct logs *l)
{
	struct verdict_counts n = {0};
	json_t *counts = json_object(), *obj;
	size_t i;

	json_array_foreach(l->cases, i, obj)
	{
		struct judgement j = {.verdict = case_verdict(obj), .known = case_known(obj)};

		verdict_count(&n, &j);
	}
	for (int v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(counts, verdict_names[v], json_integer(n.of[v]));
	json_object_set_new(counts, "known", json_integer(n.known_failures));
	json_object_set_new(counts, "unexpected_pass", json_integer(n.unexpected_passes));
	return counts;
}

/* Of several exit statuses the first of 1, then the greatest. */
static json_t *end_of(const struct logs *l)
{
	json_int_t status = 0, ms = 0;
	bool interrupted = false;
	json_t *obj, *end;
	size_t i;

	json_array_foreach(l->ends, i, obj)
	{
		json_int_t own = json_integer_value(json_object_get(obj, "exit"));
		json_int_t took = json_integer_value(json_object_get(obj, "wall_ms"));

		if (status != EXIT_BROKEN && (own == EXIT_BROKEN || own > status))
			status = own;
		ms += took > 0 && took < 1000000000000 ? took : 0;
		interrupted |= json_is_true(json_object_get(obj, "interrupted"));
	}
	end = json_pack("{s:s, s:o, s:I, s:b, s:O}", "type", "end", "counts", counts_of(l),
	                "wall_ms", ms, "interrupted", interrupted, "notes", l->notes);
	if (json_array_size(l->ends))
		json_object_set_new(end, "exit", json_integer(status));
	return end;
}

int logs_report(const struct logs *l, struct reporter *r, struct err **e)
{
	cleanup_json json_t *run = run_of(l), *end = end_of(l);
	json_t *obj;
	size_t i;

	r->begin(r, run);
	json_array_foreach(l->cases, i, obj) r->case_done(r, obj);
	return r->end(r, end, e);
}
