#include "scenario.h"

#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "scenario_check.h"
#include "step.h"
#include "text.h"
#include "yaml_doc.h"

const char *const scope_names[SCOPES + 1] = {
    [SCOPE_MUST] = "must",
    [SCOPE_MASK] = "mask",
    [SCOPE_INFO] = "info",
};

const struct group groups[] = {
    {"invisibility", "what a session can learn of, and do to, processes outside it"},
    {"handles", "descriptors and handles that lead out of a session"},
    {"sockets", "what sockets and netlink tell of processes outside"},
    {"ipc", "shared memory, semaphores, queues, locks, keys and limits"},
    {"terminals", "what a session can do through and to terminals"},
    {"cgroups", "control groups, /sys, performance counters"},
    {"proc", "whether the session's own /proc is right"},
    {"identity", "whether who is logged in stays the same"},
    {"teardown", "what a login leaves when it has ended"},
    {"host", "what a login changes outside itself"},
    {"concurrency", "sessions at the same time"},
    {"fail-closed", "what happens when isolation cannot be had"},
    {"cost", "what a login costs"},
    {NULL, NULL},
};

#define FAULT(name, function, about) name,
const char *const fault_names[] = {
#include "probes/faults.def"
    NULL};
#undef FAULT
#define FAULT(name, function, about) about,
const char *const fault_texts[] = {
#include "probes/faults.def"
    NULL};
#undef FAULT

enum { DEFAULT_SETTLE_MS = 2000 };

/* Short forms of libcyaml's macros: texts are owned pointers, lists are arrays of them. */
#define TEXT(key, flags, type, member)                                                             \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, CYAML_UNLIMITED)
#define LIST(key, flags, type, member, entry)                                                      \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | (flags), type, member, entry, 0,            \
	                     CYAML_UNLIMITED)
#define NEEDED   CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CYAML_UNLIMITED)};
static const cyaml_schema_value_t number_schema = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};

/* The matchers' values are free: they are read from the document (scenario_read_expectations). */
static const cyaml_schema_field_t expectation_fields[] = {
    TEXT("that", NEEDED, struct expectation, that),
    TEXT("because", OPTIONAL, struct expectation, because),
    CYAML_FIELD_IGNORE("equals", OPTIONAL),
    CYAML_FIELD_IGNORE("differs", OPTIONAL),
    CYAML_FIELD_IGNORE("empty", OPTIONAL),
    CYAML_FIELD_IGNORE("includes", OPTIONAL),
    CYAML_FIELD_IGNORE("excludes", OPTIONAL),
    CYAML_FIELD_IGNORE("within", OPTIONAL),
    CYAML_FIELD_IGNORE("at-most", OPTIONAL),
    CYAML_FIELD_IGNORE("at-least", OPTIONAL),
    CYAML_FIELD_IGNORE("same-as", OPTIONAL),
    CYAML_FIELD_IGNORE("differs-from", OPTIONAL),
    CYAML_FIELD_IGNORE("as-without-module", OPTIONAL),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t expectation_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct expectation, expectation_fields)};

static const cyaml_schema_field_t controls_fields[] = {
    LIST("outside", OPTIONAL, struct controls, outside, &expectation_schema),
    LIST("without-module", OPTIONAL, struct controls, without_module, &expectation_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t kernels_fields[] = {
    TEXT("from", OPTIONAL, struct kernels, from),
    TEXT("before", OPTIONAL, struct kernels, before),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t stage_fields[] = {
    TEXT("root", OPTIONAL, struct stage, root),
    TEXT("position", OPTIONAL, struct stage, position),
    LIST("with", OPTIONAL, struct stage, with, &text_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t logins_fields[] = {
    CYAML_FIELD_UINT("count", NEEDED, struct logins, count),
    CYAML_FIELD_UINT("phase-ns", OPTIONAL, struct logins, phase_ns),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t scenario_fields[] = {
    CYAML_FIELD_UINT("version", NEEDED, struct scenario, version),
    TEXT("name", NEEDED, struct scenario, name),
    TEXT("group", NEEDED, struct scenario, group),
    TEXT("scope", NEEDED, struct scenario, scope_name),
    TEXT("title", NEEDED, struct scenario, title),
    TEXT("why", NEEDED, struct scenario, why),
    LIST("catalogue", OPTIONAL, struct scenario, catalogue, &text_schema),
    LIST("sources", OPTIONAL, struct scenario, sources, &text_schema),
    LIST("promises", NEEDED, struct scenario, promises, &text_schema),
    LIST("entries", OPTIONAL, struct scenario, entries, &text_schema),
    LIST("shifts", OPTIONAL, struct scenario, shifts, &number_schema),
    CYAML_FIELD_MAPPING("kernels", OPTIONAL, struct scenario, kernels, kernels_fields),
    CYAML_FIELD_MAPPING("stage", OPTIONAL, struct scenario, stage, stage_fields),
    CYAML_FIELD_IGNORE("vary", OPTIONAL), /* yaml_bool is stricter than libcyaml */
    CYAML_FIELD_MAPPING("logins", OPTIONAL, struct scenario, logins, logins_fields),
    LIST("session", NEEDED, struct scenario, session, &text_schema),
    LIST("during", OPTIONAL, struct scenario, during, &text_schema),
    CYAML_FIELD_UINT("settle-ms", OPTIONAL, struct scenario, settle_ms),
    CYAML_FIELD_IGNORE("relogin", OPTIONAL), /* likewise */
    TEXT("fault", OPTIONAL, struct scenario, fault),
    CYAML_FIELD_IGNORE("may-refuse", OPTIONAL), /* likewise */
    LIST("expect", NEEDED, struct scenario, expect, &expectation_schema),
    CYAML_FIELD_MAPPING("controls", OPTIONAL, struct scenario, controls, controls_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario, scenario_fields)};

static void trim_end(char *text)
{
	for (size_t n = strlen(text); n && (text[n - 1] == '\n' || text[n - 1] == ' '); n--)
		text[n - 1] = '\0';
}

static int set_defaults(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc);

	if (!yaml_get(doc, root, "settle-ms"))
		s->settle_ms = DEFAULT_SETTLE_MS;
	if (!yaml_get(doc, root, "logins"))
		s->logins.count = 1;
	if (!s->shifts_count) {
		/* libcyaml frees it together with the rest: its allocator is realloc(3) */
		s->shifts = calloc(1, sizeof(*s->shifts));
		if (!s->shifts)
			abort();
		s->shifts_count = 1;
	}
	trim_end(s->why);
	trim_end(s->title);
	s->line = yaml_line(yaml_get(doc, root, "name"));
	if (yaml_bool(doc, yaml_get(doc, root, "may-refuse"), &s->may_refuse, e) < 0 ||
	    yaml_bool(doc, yaml_get(doc, root, "vary"), &s->vary, e) < 0)
		return -1;
	return yaml_bool(doc, yaml_get(doc, root, "relogin"), &s->relogin, e);
}

/* A file of another version has other keys: say that first. */
static int check_version(const struct yaml_doc *doc, struct err **e)
{
	const yaml_node_t *at = yaml_get(doc, yaml_root(doc), "version");
	cleanup_json json_t *version = yaml_json(doc, at);

	if (at && json_integer_value(version) != 1)
		return yaml_fail(doc, at, e, "`version: 1` expected");
	return 0;
}

static int read_doc(const struct yaml_doc *doc, struct scenario **out, struct err **e)
{
	cleanup_scenario struct scenario *s = NULL;
	void *data = NULL;

	*out = NULL;
	if (!doc || check_version(doc, e) < 0 || yaml_doc_fill(doc, &scenario_schema, &data, e) < 0)
		return -1;
	s = data;
	s->path = strdup(doc->path);
	SHA256Data((const uint8_t *)doc->bytes, doc->len, s->hash);
	if (set_defaults(doc, s, e) < 0 || scenario_read_expectations(doc, s, e) < 0 ||
	    scenario_check(doc, s, e) < 0)
		return -1;
	*out = take_ptr(s);
	return 0;
}

int scenario_load(const char *path, struct scenario **out, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);

	return read_doc(doc, out, e);
}

int scenario_parse(const char *name, const char *text, size_t len, struct scenario **out,
                   struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_parse(name, text, len, e);

	return read_doc(doc, out, e);
}

static void drop_values(struct expectation *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		json_decref(list[i].value);
}

void scenario_free(struct scenario **s)
{
	if (!*s)
		return;
	drop_values((*s)->expect, (*s)->expect_count);
	drop_values((*s)->controls.outside, (*s)->controls.outside_count);
	drop_values((*s)->controls.without_module, (*s)->controls.without_module_count);
	free((*s)->path);
	yaml_doc_release(&scenario_schema, *s);
	*s = NULL;
}

bool scenario_has_entry(const struct scenario *s, const char *entry)
{
	for (unsigned i = 0; i < s->entries_count; i++)
		if (!strcmp(s->entries[i], entry))
			return true;
	return !s->entries_count;
}

/* "6.1" -> 6 * 1000 + 1; 0 if that is no version. */
static unsigned parse_version(const char *text)
{
	unsigned major, minor;

	return text && sscanf(text, "%u.%u", &major, &minor) == 2 ? major * 1000 + minor : 0;
}

char *scenario_kernel_reason(const struct scenario *s, const char *kernel)
{
	unsigned from = parse_version(s->kernels.from), before = parse_version(s->kernels.before);
	const char *digits = kernel ? strpbrk(kernel, "0123456789") : NULL;
	unsigned version = parse_version(digits);

	if (version && version < from)
		return text_format("%s does not have it yet: Linux %s does", kernel,
		                   s->kernels.from);
	if (version && before && version >= before)
		return text_format("%s does not have it any more: gone since Linux %s", kernel,
		                   s->kernels.before);
	return NULL;
}

static bool has(const struct step *table, char *const *lines, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++) {
		const struct step *step = step_parse(table, lines[i], NULL);

		if (step && !strcmp(step->name, name))
			return true;
	}
	return false;
}

bool scenario_has_step(const struct scenario *s, const char *name)
{
	return has(session_steps, s->session, s->session_count, name);
}

bool scenario_has_action(const struct scenario *s, const char *name)
{
	return has(during_steps, s->during, s->during_count, name);
}
