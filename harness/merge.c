#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "eventlog.h"
#include "printable.h"
#include "reporter.h"
#include "shard.h"
#include "text.h"

/* What one shard's log says. */
struct part {
	const char *path;
	json_t *run, *end;
	size_t cases;
	json_int_t index, count;
};

struct merge {
	struct part *parts;
	size_t n;
	struct part *reading;
	json_t *seen; /* id and repetition -> path of the shard */
	struct eventlog *log;
	struct verdict_counts counts;
	struct err **e;
};

static json_int_t shard_number(const json_t *run, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(run, "shard"), key));
}

static const char *plan_of(const struct part *p)
{
	const char *plan = json_string_value(json_object_get(p->run, "plan"));

	return plan ? plan : "";
}

/* The same case may be there again as a repetition. */
static int note_case(struct merge *m, const json_t *obj)
{
	cleanup_free char *id = printable_json(json_object_get(obj, "id"), NULL), *key = NULL;
	const char *before;

	key = text_format("%lld %s", (long long)json_integer_value(json_object_get(obj, "repeat")),
	                  id);
	before = json_string_value(json_object_get(m->seen, key));
	if (before)
		return err_usage(m->e, "overlap: %s is in %s and in %s", id, before,
		                 m->reading->path);
	json_object_set_new(m->seen, key, json_text(m->reading->path, strlen(m->reading->path)));
	m->reading->cases++;
	return 0;
}

static int examine(void *data, size_t number, const json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	struct merge *m = data;
	struct part *p = m->reading;

	(void)number;
	if (!type)
		return 0;
	if (!strcmp(type, "run") && p->run)
		return err_usage(m->e, "%s has two run lines", p->path);
	if (!strcmp(type, "run") && !json_object_get(obj, "shard"))
		return err_usage(m->e, "%s is no shard of a run: it was not made with --shard",
		                 p->path);
	if (!strcmp(type, "run"))
		p->run = json_deep_copy(obj);
	else if (!strcmp(type, "end"))
		p->end = json_deep_copy(obj);
	else if (!strcmp(type, "case"))
		return note_case(m, obj);
	return 0;
}

/* What makes a log by itself unfit. */
static int check_part(const struct part *p, const struct eventlog_damage *damage, struct err **e)
{
	json_int_t planned = json_integer_value(json_object_get(p->run, "cases"));

	if (!p->run)
		return err_usage(e, "%s has no run line", p->path);
	if (!p->count || p->index < 1 || p->index > p->count || p->count > SHARDS_MAX)
		return err_usage(e, "%s is no shard of a run: it was not made with --shard",
		                 p->path);
	if (damage->count)
		return err_usage(e, "%s is damaged: line %zu cannot be read (%zu such lines)",
		                 p->path, damage->lines[0], damage->count);
	if (!p->end || damage->truncated)
		return err_usage(e, "%s was not finished: it has no end line", p->path);
	if (json_is_true(json_object_get(p->end, "interrupted")))
		return err_usage(e, "%s was interrupted", p->path);
	if ((json_int_t)p->cases != planned)
		return err_usage(e, "gap: %s has %zu cases of %lld", p->path, p->cases,
		                 (long long)planned);
	return 0;
}

static int read_part(struct merge *m, struct part *p, struct err **e)
{
	struct eventlog_damage damage = {0};
	int status;

	m->reading = p;
	status = eventlog_read(p->path, examine, m, &damage, e);
	if (status == 0) {
		p->index = shard_number(p->run, "index");
		p->count = shard_number(p->run, "count");
		status = check_part(p, &damage, e);
	}
	eventlog_damage_free(&damage);
	return status;
}

static int refuse_plan(const struct part *a, const struct part *b, struct err **e)
{
	static const char *const keys[] = {"version", "image_hash", "kernel_hash", "accel",
	                                   "qemu",    "template",   "strict",      "known"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const json_t *x = json_object_get(a->run, keys[i]);
		const json_t *y = json_object_get(b->run, keys[i]);
		cleanup_free char *was = printable_json(x, NULL), *is = printable_json(y, NULL);

		if (strcmp(was, is) != 0)
			return err_usage(e, "%s and %s are of different runs: %s is %s and %s",
			                 a->path, b->path, keys[i], was, is);
	}
	return err_usage(e,
	                 "%s and %s are of different plans: other modules, arguments, contracts or "
	                 "cases",
	                 a->path, b->path);
}

/* All of one plan, each shard once. */
static int check_together(const struct merge *m, struct err **e)
{
	const struct part *first = &m->parts[0];
	cleanup_free const struct part **have = calloc(SHARDS_MAX + 1, sizeof(*have));

	if (!have)
		abort();
	for (size_t i = 0; i < m->n; i++) {
		const struct part *p = &m->parts[i], *twin;

		if (p->count != first->count)
			return err_usage(e, "%s is one of %lld shards, %s one of %lld", first->path,
			                 (long long)first->count, p->path, (long long)p->count);
		if (!*plan_of(p) || strcmp(plan_of(p), plan_of(first)) != 0)
			return refuse_plan(first, p, e);
		twin = have[p->index];
		if (twin)
			return err_usage(e, "overlap: %s and %s are both shard %lld/%lld",
			                 twin->path, p->path, (long long)p->index,
			                 (long long)p->count);
		have[p->index] = p;
	}
	for (json_int_t i = 1; i <= first->count; i++)
		if (!have[i])
			return err_usage(e, "gap: shard %lld/%lld is missing", (long long)i,
			                 (long long)first->count);
	return 0;
}

static int check_total(const struct merge *m, struct err **e)
{
	json_int_t of = shard_number(m->parts[0].run, "of_cases");
	size_t cases = 0;

	for (size_t i = 0; i < m->n; i++)
		cases += m->parts[i].cases;
	if ((json_int_t)cases != of)
		return err_usage(e, "gap: the shards have %zu cases, the plan %lld", cases,
		                 (long long)of);
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static void count_case(struct merge *m, const json_t *obj)
{
	const struct judgement j = {.verdict = case_verdict(obj), .known = case_known(obj)};

	verdict_count(&m->counts, &j);
}

static int copy_line(void *data, size_t number, const json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	struct merge *m = data;

	(void)number;
	if (type && (!strcmp(type, "run") || !strcmp(type, "end")))
		return 0;
	if (type && !strcmp(type, "case"))
		count_case(m, obj);
	return eventlog_write(m->log, obj, m->e);
}

/* The command line of the whole: without "--shard I/N" or "--shard=I/N". */
static json_t *argv_of_all(const json_t *argv)
{
	json_t *whole = json_array(), *word;
	bool value = false;
	size_t i;

	json_array_foreach((json_t *)argv, i, word)
	{
		const char *text = json_string_value(word);
		bool part = value || (text && !strncmp(text, "--shard", 7));

		value = !value && text && !strcmp(text, "--shard");
		if (!part)
			json_array_append(whole, word);
	}
	return whole;
}

/* Shards that ran on templates of two boots have one key and are not the same to the instruction:
 * who compares with them has to know. */
static json_t *boots_of(const struct merge *m)
{
	json_t *all = json_incref(json_object_get(m->parts[0].run, "booted"));

	for (size_t i = 1; i < m->n; i++) {
		const char *one = json_string_value(json_object_get(m->parts[i].run, "booted"));
		const char *have = json_string_value(all);
		json_t *more;

		if (!one || (have && strstr(have, one)))
			continue;
		more = have ? json_sprintf("%s, %s", have, one) : json_string(one);
		json_decref(all);
		all = more;
	}
	return all;
}

static int write_run(struct merge *m, const char *dir)
{
	cleanup_json json_t *run = json_copy(m->parts[0].run), *merged = json_array();
	json_t *earliest = json_object_get(run, "started");

	for (size_t i = 0; i < m->n; i++) {
		json_t *started = json_object_get(m->parts[i].run, "started");

		json_array_append_new(merged,
		                      json_text(m->parts[i].path, strlen(m->parts[i].path)));
		if (json_is_string(started) && json_is_string(earliest) &&
		    strcmp(json_string_value(started), json_string_value(earliest)) < 0)
			earliest = started;
	}
	if (earliest)
		json_object_set(run, "started", earliest);
	json_object_set_new(run, "cases", json_integer(shard_number(run, "of_cases")));
	json_object_del(run, "shard");
	if (json_object_get(run, "argv"))
		json_object_set_new(run, "argv", argv_of_all(json_object_get(run, "argv")));
	if (json_object_get(run, "booted"))
		json_object_set_new(run, "booted", boots_of(m));
	json_object_set_new(run, "dir", json_text(dir, strlen(dir)));
	json_object_set(run, "merged", merged);
	return eventlog_write(m->log, run, m->e);
}

static int write_end(struct merge *m)
{
	cleanup_json json_t *counts = verdict_counts_json(&m->counts), *end = NULL;
	json_int_t wall = 0;

	for (size_t i = 0; i < m->n; i++) {
		json_int_t ms = json_integer_value(json_object_get(m->parts[i].end, "wall_ms"));

		wall = ms > wall ? ms : wall; /* they ran side by side */
	}
	end = json_pack("{s:s, s:O, s:i, s:I, s:b}", "type", "end", "counts", counts, "exit",
	                (int)verdict_exit(&m->counts), "wall_ms", wall, "interrupted", 0);
	return eventlog_write(m->log, end, m->e);
}

static int write_all(struct merge *m, const char *dir, struct err **e)
{
	int status = eventlog_open(dir, &m->log, e);

	if (status < 0)
		return -1;
	qsort(m->parts, m->n, sizeof(*m->parts), by_index);
	status = write_run(m, dir);
	for (size_t i = 0; i < m->n && status == 0; i++) {
		struct eventlog_damage damage = {0};

		status = eventlog_read(m->parts[i].path, copy_line, m, &damage, e);
		eventlog_damage_free(&damage);
	}
	if (status == 0)
		status = write_end(m);
	if (eventlog_close(&m->log, status < 0 ? NULL : e) < 0)
		status = -1;
	return status;
}

int merge_logs(const char *dir, char *const *logs, size_t n, struct err **e)
{
	struct merge m = {.parts = calloc(n + 1, sizeof(*m.parts)), .seen = json_object(), .e = e};
	int status = 0;

	if (!m.parts)
		abort();
	for (; m.n < n && status == 0; m.n++) {
		m.parts[m.n].path = logs[m.n];
		status = read_part(&m, &m.parts[m.n], e);
	}
	if (status == 0 && (check_together(&m, e) < 0 || check_total(&m, e) < 0))
		status = -1;
	if (status == 0)
		status = write_all(&m, dir, e);
	for (size_t i = 0; i < m.n; i++) {
		json_decref(m.parts[i].run);
		json_decref(m.parts[i].end);
	}
	free(m.parts);
	json_decref(m.seen);
	return status;
}
