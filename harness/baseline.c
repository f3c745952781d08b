#include "baseline.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"

/* Beginning of the file in which the key has to be, if it is one of ours. */
#define SNIFFED 256

static bool starts_with_key(const char *text, size_t len, const char *key)
{
	const char *at = memmem(text, len < SNIFFED ? len : SNIFFED, key, strlen(key));

	for (; at && text < at; text++)
		if (!strchr("{ \t\r\n", *text))
			return false;
	return at != NULL;
}

bool baseline_is_one(const char *text, size_t len)
{
	return starts_with_key(text, len, "\"baseline\"");
}

static int check_complete(const struct results *r, struct err **e)
{
	cleanup_json json_t *flaws = results_flaws(r);
	cleanup_free char *name = printable(r->path, strlen(r->path), NULL);

	if (json_array_size(flaws))
		return err_usage(e, "%s makes no baseline: %s", name,
		                 json_string_value(json_array_get(flaws, 0)));
	for (size_t i = 0; i < r->n_cases; i++) {
		const struct result_case *c = &r->cases[i];
		cleanup_free char *id = NULL;

		if (c->verdict != VERDICT_ERROR)
			continue;
		id = printable(c->id, strlen(c->id), NULL);
		return err_usage(e, "%s makes no baseline: the lab could not run %s; run it again",
		                 name, id);
	}
	return 0;
}

static void put_json(FILE *out, const json_t *value)
{
	cleanup_free char *text = json_dumps(value, JSON_ENCODE_ANY);

	fputs(text ? text : "null", out);
}

static void put_case(FILE *out, const struct result_case *c)
{
	cleanup_json json_t *id = json_string(c->id);
	cleanup_json json_t *value = json_pack("{s:s}", "verdict", verdict_names[c->verdict]);

	if (c->known)
		json_object_set_new(value, "known", json_true());
	if (c->run && strcmp(c->run, c->id) != 0)
		json_object_set_new(value, "run", json_string(c->run));
	if (json_object_size(c->cost))
		json_object_set(value, "cost", c->cost);
	fputs("  ", out);
	put_json(out, id);
	fputs(": ", out);
	put_json(out, value);
}

char *baseline_text(const struct results *r, struct err **e)
{
	char *text = NULL;
	const char *key;
	json_t *value;
	size_t len;
	FILE *out;

	if (check_complete(r, e) < 0)
		return NULL;
	out = open_memstream(&text, &len);
	if (!out)
		abort();
	fprintf(out, "{\n \"baseline\": %d", BASELINE_VERSION);
	json_object_foreach(r->identity, key, value)
	{
		fprintf(out, ",\n \"%s\": ", key);
		put_json(out, value);
	}
	fputs(",\n \"cases\": {", out);
	for (size_t i = 0; i < r->n_cases; i++) {
		fputs(i ? ",\n" : "\n", out);
		put_case(out, &r->cases[i]);
	}
	fputs("\n }\n}\n", out);
	fclose(out);
	return text;
}

static int find_verdict(const char *name)
{
	for (int v = 0; name && v < VERDICT_COUNT; v++)
		if (!strcmp(name, verdict_names[v]))
			return v;
	return -1;
}

static int read_case(struct results *r, const char *path, const char *id, json_t *value,
                     struct err **e)
{
	int verdict = find_verdict(json_string_value(json_object_get(value, "verdict")));
	json_t *cost = json_object_get(value, "cost"), *ns;
	cleanup_free char *shown = printable(id, strlen(id), NULL);
	struct result_case *c;
	const char *phase, *run;

	if (verdict < 0)
		return err_usage(e, "baseline %s: %s has no verdict that this pamlab knows", path,
		                 shown);
	c = results_add(r, id);
	c->verdict = verdict;
	c->known = json_is_true(json_object_get(value, "known"));
	run = json_string_value(json_object_get(value, "run"));
	c->run = strdup(run ? run : id);
	if (cost && !json_is_object(cost))
		return err_usage(e, "baseline %s: the cost of %s is no object", path, shown);
	json_object_foreach(cost, phase, ns)
	{
		if (!json_is_integer(ns) || json_integer_value(ns) < 0) {
			cleanup_free char *name = printable(phase, strlen(phase), NULL);

			return err_usage(e, "baseline %s: %s of %s is no count of ns", path, name,
			                 shown);
		}
		json_object_set(c->cost, phase, ns);
	}
	return 0;
}

static int check_version(const json_t *root, const char *path, struct err **e)
{
	const json_t *version = json_object_get(root, "baseline");

	if (!json_is_integer(version))
		return err_usage(e, "baseline %s: no \"baseline\": %d at its beginning", path,
		                 BASELINE_VERSION);
	if (json_integer_value(version) != BASELINE_VERSION)
		return err_usage(e,
		                 "baseline %s: version %lld of the format; this pamlab reads %d: "
		                 "make it anew with `pamlab baseline`",
		                 path, (long long)json_integer_value(version), BASELINE_VERSION);
	return 0;
}

int baseline_parse(const char *text, size_t len, const char *path, struct results *r,
                   struct err **e)
{
	json_error_t why;
	cleanup_json json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	json_t *cases = json_object_get(root, "cases"), *value;
	const char *id;

	*r = (struct results){.path = strdup(path), .baseline = true, .ended = true};
	if (!root) {
		cleanup_free char *what = printable(why.text, strlen(why.text), NULL);

		return err_usage(e, "%s:%d: this baseline is damaged: %s", path, why.line, what);
	}
	if (check_version(root, path, e) < 0)
		return -1;
	if (!json_is_object(cases))
		return err_usage(e, "baseline %s: it has no \"cases\"", path);
	r->identity = json_object();
	for (const char *const *key = identity_keys; *key; key++)
		if (json_object_get(root, *key))
			json_object_set(r->identity, *key, json_object_get(root, *key));
	json_object_foreach(cases, id, value)
	{
		if (read_case(r, path, id, value, e) < 0)
			return -1;
	}
	results_sort(r);
	return 0;
}
