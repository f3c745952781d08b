#include "results.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "baseline.h"
#include "cleanup.h"
#include "paths.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

const char *const identity_keys[] = {"format",   "version",     "image",  "image_hash",
                                     "kernel",   "kernel_hash", "accel",  "qemu",
                                     "template", "booted",      "strict", NULL};

/* The id without what comes after the scenario, and without the stage that varies it (ENTRY~STAGE):
 * a list of known failures names neither. The caller frees it. */
static char *name_of(const char *id)
{
	const char *end = strrchr(id, '@');
	char *name = strndup(id, end ? (size_t)(end - id) : strlen(id));
	char *scenario, *entry, *stage;

	if (!name)
		abort();
	scenario = strrchr(name, '/');
	entry = scenario ? memrchr(name, '/', scenario - name) : NULL;
	stage = entry ? memchr(entry, '~', scenario - entry) : NULL;
	if (stage)
		memmove(stage, scenario, strlen(scenario) + 1);
	return name;
}

struct result_case *results_add(struct results *r, const char *id)
{
	struct result_case *more = realloc(r->cases, (r->n_cases + 1) * sizeof(*more));
	struct result_case *c;

	if (!more)
		abort();
	r->cases = more;
	c = &more[r->n_cases++];
	*c =
	    (struct result_case){.id = strdup(id), .cost = json_object(), .samples = json_object()};
	c->name = name_of(id);
	if (!c->id || !c->name)
		abort();
	return c;
}

static void clear_case(struct result_case *c)
{
	free(c->id);
	free(c->name);
	free(c->reason);
	free(c->file);
	free(c->run);
	json_decref(c->cost);
	json_decref(c->samples);
}

void results_clear(struct results *r)
{
	for (size_t i = 0; i < r->n_cases; i++)
		clear_case(&r->cases[i]);
	free(r->cases);
	free(r->path);
	json_decref(r->identity);
	json_decref(r->bench);
	eventlog_damage_free(&r->damage);
	memset(r, 0, sizeof(*r));
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct result_case *)a)->id, ((const struct result_case *)b)->id);
}

const struct result_case *results_find(const struct results *r, const char *id)
{
	const struct result_case key = {.id = (char *)id};

	return r->n_cases ? bsearch(&key, r->cases, r->n_cases, sizeof(key), by_id) : NULL;
}

/* The more a verdict asks for a look, the greater. */
static int gravity(const struct result_case *c)
{
	static const int of[VERDICT_COUNT] = {
	    [VERDICT_SKIP] = 0,         [VERDICT_INFO] = 1,  [VERDICT_PASS] = 2, [VERDICT_WARN] = 3,
	    [VERDICT_INCONCLUSIVE] = 4, [VERDICT_ERROR] = 5, [VERDICT_FAIL] = 7,
	};

	return of[c->verdict] - (c->verdict == VERDICT_FAIL && c->known);
}

static void fold_samples(json_t *into, json_t *from)
{
	const char *name;
	json_t *list;

	json_object_foreach(from, name, list)
	{
		json_t *have = json_object_get(into, name);

		if (have)
			json_array_extend(have, list);
		else
			json_object_set(into, name, list);
	}
}

void results_sort(struct results *r)
{
	size_t kept = 0;

	if (!r->n_cases)
		return;
	qsort(r->cases, r->n_cases, sizeof(*r->cases), by_id);
	for (size_t i = 1; i < r->n_cases; i++) {
		struct result_case *a = &r->cases[kept], *b = &r->cases[i];

		if (strcmp(a->id, b->id) != 0) {
			r->cases[++kept] = *b;
			continue;
		}
		fold_samples(a->samples, b->samples);
		if (gravity(b) > gravity(a)) {
			struct result_case worse = *b;

			*b = *a;
			*a = worse;
			json_decref(a->samples);
			a->samples = json_incref(b->samples);
		}
		clear_case(b);
	}
	r->n_cases = kept + 1;
}

static char *copy_text(const json_t *obj, const char *key)
{
	const char *text = json_string_value(json_object_get(obj, key));

	return text ? strdup(text) : NULL;
}

/* Costs are counts: whatever else is there is none. */
void results_take_costs(json_t *into, json_t *from)
{
	const char *name;
	json_t *value;

	json_object_foreach(from, name, value)
	{
		if (json_is_integer(value) && json_integer_value(value) >= 0)
			json_object_set(into, name, value);
	}
}

static void take_samples(json_t *into, json_t *from)
{
	const char *name;
	json_t *list, *value;
	size_t i;

	json_object_foreach(from, name, list)
	{
		cleanup_json json_t *copy = json_array();

		json_array_foreach(list, i, value)
		{
			if (json_is_number(value))
				json_array_append(copy, value);
		}
		if (json_array_size(copy))
			json_object_set(into, name, copy);
	}
}

/* Under kvm a cost is a time that differs from login to login: repetitions are its samples. */
static void sample_costs(json_t *into, json_t *cost)
{
	const char *name;
	json_t *value;

	json_object_foreach(cost, name, value)
	{
		cleanup_free char *measure = NULL;
		cleanup_json json_t *one = json_array();

		if (!json_is_number(value))
			continue;
		measure = text_format("%s by the host's clock", name);
		json_array_append(one, value);
		json_object_set(into, measure, one);
	}
}

/* Elsewhere a login waits for the agent's looks, and takes as long as they do. */
static bool measures_cost(const json_t *obj)
{
	const char *group = json_string_value(json_object_get(obj, "group"));

	return !group || !strcmp(group, "cost");
}

static void take_case(struct results *r, const json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id"));
	const char *accel = json_string_value(json_object_get(obj, "accel"));
	json_t *cost = json_object_get(obj, "cost");
	struct result_case *c;

	if (!id)
		return;
	c = results_add(r, id);
	c->verdict = case_verdict(obj);
	c->known = case_known(obj);
	c->reason = copy_text(obj, "reason");
	c->file = copy_text(obj, "file");
	c->run = copy_text(obj, "run");
	c->line = json_integer_value(json_object_get(obj, "line"));
	if (!measures_cost(obj))
		return;
	take_samples(c->samples, json_object_get(cost, "samples"));
	if (accel && !strcmp(accel, "kvm")) {
		sample_costs(c->samples, cost);
		return;
	}
	results_take_costs(c->cost, cost);
	results_take_costs(c->cost, json_object_get(cost, "phases"));
}

static void take_run(struct results *r, const json_t *obj)
{
	if (r->identity)
		return;
	r->identity = json_object();
	for (const char *const *key = identity_keys; *key; key++)
		if (json_object_get(obj, *key))
			json_object_set(r->identity, *key, json_object_get(obj, *key));
	r->planned = json_integer_value(json_object_get(obj, "cases"));
}

static int take_line(void *data, size_t number, const json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	struct results *r = data;

	(void)number;
	if (!type)
		return 0;
	if (!strcmp(type, "run")) {
		take_run(r, obj);
	} else if (!strcmp(type, "case")) {
		take_case(r, obj);
	} else if (!strcmp(type, "bench")) {
		results_take_bench(r, obj);
	} else if (!strcmp(type, "end")) {
		r->ended = true;
		r->interrupted = json_is_true(json_object_get(obj, "interrupted"));
	}
	return 0;
}

int results_read_log(FILE *log, const char *path, struct results *r, struct err **e)
{
	*r = (struct results){.path = strdup(path)};
	if (eventlog_read_stream(log, path, take_line, r, &r->damage, e) < 0)
		return -1;
	if (!r->identity)
		return err_usage(e, "%s is no event log and no baseline: it has no \"run\" line",
		                 path);
	results_fold_bench(r);
	results_sort(r);
	return 0;
}

int results_read(const char *path, struct results *r, struct err **e)
{
	cleanup_free char *inside = NULL, *text = NULL;
	cleanup_file FILE *f = NULL;
	struct stat st;
	size_t len;

	*r = (struct results){0};
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		inside = text_format("%s/" EVENTLOG_NAME, path);
	} else {
		text = read_file(path, &len, e);
		if (!text) {
			if (e && *e)
				(*e)->status = EXIT_USAGE;
			return -1;
		}
		if (baseline_is_one(text, len))
			return baseline_parse(text, len, path, r, e);
	}
	f = fopen(inside ? inside : path, "re");
	if (!f)
		return err_usage(e, "event log %s: %s", inside ? inside : path, strerror(errno));
	return results_read_log(f, path, r, e);
}

static void say(json_t *list, char *text)
{
	json_array_append_new(list, json_text(text, strlen(text)));
	free(text);
}

static char *damaged_lines(const struct eventlog_damage *d)
{
	cleanup_free char *numbers = NULL;
	size_t len, shown = d->count < 10 ? d->count : 10;
	FILE *out = open_memstream(&numbers, &len);

	for (size_t i = 0; i < shown; i++)
		fprintf(out, "%s%zu", i ? ", " : "", d->lines[i]);
	if (shown < d->count)
		fprintf(out, " and %zu more", d->count - shown);
	fclose(out);
	return text_format("line%s %s cannot be read and %s not used", d->count == 1 ? "" : "s",
	                   numbers, d->count == 1 ? "is" : "are");
}

json_t *results_flaws(const struct results *r)
{
	json_t *list = json_array();
	char *text;

	if (r->baseline)
		return list;
	if (r->damage.count)
		say(list, damaged_lines(&r->damage));
	if (r->damage.truncated)
		say(list, strdup("the last line is cut off and not used"));
	if (r->interrupted)
		say(list, strdup("the run was interrupted"));
	else if (!r->ended)
		say(list, strdup("there is no end line: the run was killed, or is still going on"));
	if ((r->interrupted || !r->ended || r->damage.count) && r->planned > 0) {
		text = text_format("%zu different cases are in it, of %lld planned", r->n_cases,
		                   (long long)r->planned);
		say(list, text);
	}
	return list;
}
