/* KTAP, version 1: Documentation/dev-tools/ktap.rst of Linux. Diagnostic lines come before the
 * result that they belong to, where the kernel's parser looks for them. A known failure is `ok`
 * with XFAIL, as in the kernel's own selftests. */
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "printable.h"
#include "reporter.h"

struct ktap {
	struct reporter base;
	FILE *out;
	size_t number;
	json_int_t planned; /* 0: not known before the end */
};

static void put_arguments(struct ktap *k, const json_t *modules)
{
	json_t *module;
	size_t i;

	json_array_foreach((json_t *)modules, i, module)
	{
		cleanup_free char *name = printable_json(json_object_get(module, "name"), NULL);
		cleanup_free char *args = printable_json(json_object_get(module, "args"), NULL);

		if (json_is_string(json_object_get(module, "args")))
			fprintf(k->out, "# arguments of %s: %s\n", name, args);
	}
}

static void ktap_begin(struct reporter *r, const json_t *run)
{
	struct ktap *k = (struct ktap *)r;

	k->planned = json_integer_value(json_object_get(run, "cases"));
	fputs("KTAP version 1\n", k->out);
	if (k->planned > 0)
		fprintf(k->out, "1..%lld\n", (long long)k->planned);
	put_arguments(k, json_object_get(run, "modules"));
	fflush(k->out);
}

static void diagnose(struct ktap *k, const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);
	cleanup_free char *text = NULL;

	if (!value || json_is_null(value))
		return;
	text = printable_json(value, NULL);
	fprintf(k->out, "# %s: %s\n", key, text);
}

/* A '#' begins a directive: in a description it is escaped, as TAP 14 has it ("Escaping"). Takes
 * the text. */
static char *escape_hash(char *text)
{
	char *escaped = malloc(2 * strlen(text) + 1), *to = escaped;

	if (!escaped)
		abort();
	for (const char *from = text; *from; from++) {
		if (*from == '#')
			*to++ = '\\';
		*to++ = *from;
	}
	*to = '\0';
	free(text);
	return escaped;
}

static void tell_how_to_reproduce(struct ktap *k, const json_t *obj)
{
	cleanup_free char *command = case_repro(obj);

	fprintf(k->out, "# reproduce: %s\n", command);
}

/* " # WORD reason", or nothing. */
static void put_directive(struct ktap *k, const json_t *obj, const char *word)
{
	cleanup_free char *reason =
	    escape_hash(printable_json(json_object_get(obj, "reason"), NULL));

	if (word)
		fprintf(k->out, " # %s %s", word, reason);
	fputc('\n', k->out);
}

static void ktap_case(struct reporter *r, const json_t *obj)
{
	/* `loud`: with the values that led to the verdict */
	static const struct {
		bool ok, loud;
		const char *word;
	} shown[VERDICT_COUNT] = {
	    [VERDICT_PASS] = {true, false, NULL},
	    [VERDICT_FAIL] = {false, true, NULL},
	    [VERDICT_WARN] = {true, true, NULL},
	    [VERDICT_INFO] = {true, true, NULL},
	    [VERDICT_SKIP] = {true, false, "SKIP"},
	    [VERDICT_INCONCLUSIVE] = {false, true, "ERROR inconclusive:"},
	    [VERDICT_ERROR] = {false, true, "ERROR"},
	};
	struct ktap *k = (struct ktap *)r;
	enum verdict v = case_verdict(obj);
	bool known = v == VERDICT_FAIL && case_known(obj);
	bool ok = shown[v].ok || known;
	cleanup_free char *id = escape_hash(printable_json(json_object_get(obj, "id"), NULL));
	cleanup_free char *place = case_place(obj);

	if (shown[v].loud) {
		fprintf(k->out, "# %s%s\n", known ? "known " : "", verdict_names[v]);
		diagnose(k, obj, "title");
		if (!shown[v].word && !known)
			diagnose(k, obj, "reason");
		diagnose(k, obj, "observed");
		diagnose(k, obj, "expected");
		if (place)
			fprintf(k->out, "# at: %s\n", place);
		tell_how_to_reproduce(k, obj);
	} else if (v == VERDICT_PASS && case_known(obj)) {
		ok = false;
		fputs("# passes, but the contract lists it as a known failure: correct it\n",
		      k->out);
	}
	fprintf(k->out, "%s %zu %s", ok ? "ok" : "not ok", ++k->number, id);
	put_directive(k, obj, known ? "XFAIL" : shown[v].word);
	fflush(k->out);
}

static int ktap_end(struct reporter *r, const json_t *summary, struct err **e)
{
	struct ktap *k = (struct ktap *)r;
	const json_t *counts = json_object_get(summary, "counts"), *count;
	json_t *notes = json_object_get(summary, "notes"), *note;
	const char *name;
	size_t i;

	json_array_foreach(notes, i, note)
	{
		cleanup_free char *shown = printable_json(note, NULL);

		fprintf(k->out, "# note: %s\n", shown);
	}
	if (k->planned <= 0)
		fprintf(k->out, "1..%zu\n", k->number);
	else if ((json_int_t)k->number < k->planned)
		fprintf(k->out, "Bail out! %lld of %lld cases were not run\n",
		        (long long)k->planned - (long long)k->number, (long long)k->planned);
	if (json_object_size(counts)) {
		const char *sep = "# ";

		json_object_foreach((json_t *)counts, name, count)
		{
			cleanup_free char *shown = printable(name, strlen(name), NULL);

			fprintf(k->out, "%s%s %lld", sep, shown,
			        (long long)json_integer_value(count));
			sep = ", ";
		}
		fputc('\n', k->out);
	}
	return report_flush(k->out, e);
}

static void ktap_destroy(struct reporter *r)
{
	free(r);
}

struct reporter *ktap_reporter(FILE *out)
{
	struct ktap *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->base = (struct reporter){ktap_begin, ktap_case, ktap_end, ktap_destroy};
	k->out = out;
	return &k->base;
}
