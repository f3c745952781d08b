/* SARIF 2.1.0 (OASIS). Results are what somebody has to act on: broken properties, outdated lists
 * of known failures, cases that could not be decided ("open"). The lab's own failures are
 * notifications of the invocation; what holds, is skipped or for information is no result. */
#include "sarif.h"

#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "collect.h"
#include "mark.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

#define SCHEMA                                                                                     \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"
#define FINGERPRINT_DIGITS 16 /* as many as GitHub's own have */

struct sarif {
	struct reporter base;
	FILE *out;
	struct collection c;
};

static void sarif_begin(struct reporter *r, const json_t *run)
{
	collection_begin(&((struct sarif *)r)->c, run);
}

static void sarif_case(struct reporter *r, const json_t *obj)
{
	collection_add(&((struct sarif *)r)->c, obj);
}

/* A path as a relative reference: what RFC 3986, 3.3 does not have in a segment is encoded, and ':'
 * too, which in the first one would end a scheme. */
static char *uri_of(const char *path)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                           "-._~!$&'()*+,;=@/";
	char *uri = NULL;
	size_t size;
	FILE *out = open_memstream(&uri, &size);

	if (!out)
		abort();
	for (; *path; path++)
		fprintf(out, strchr(safe, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	fclose(out);
	return uri;
}

/* An array with the place in the scenario, or an empty one. */
static json_t *locations_of(const json_t *obj)
{
	cleanup_free char *path = case_path(obj), *uri = path ? uri_of(path) : NULL;
	json_int_t line = case_line_number(obj);
	json_t *place;

	if (!uri || !*uri)
		return json_array();
	place = json_pack("{s:{s:s}}", "artifactLocation", "uri", uri);
	if (line)
		json_object_set_new(place, "region", json_pack("{s:I}", "startLine", line));
	return json_pack("[{s:o}]", "physicalLocation", place);
}

/* GitHub tells alerts of one rule and place apart by this. The kernel's version is no part of it:
 * an update would close every alert and open it again. */
static json_t *fingerprints_of(const json_t *obj)
{
	const char *id = text_of(obj, "id"), *schedule = strrchr(id, '#'), *kernel = schedule;
	cleanup_free char *shown = printable(id, strlen(id), NULL), *line = NULL;
	char digest[SHA256_DIGEST_STRING_LENGTH];
	SHA2_CTX ctx;

	while (kernel && kernel > id && *kernel != '+')
		kernel--;
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)id, kernel ? (size_t)(kernel - id) : strlen(id));
	if (schedule)
		SHA256Update(&ctx, (const uint8_t *)schedule, strlen(schedule));
	SHA256End(&ctx, digest);
	line = text_format("%.*s:1", FINGERPRINT_DIGITS, digest);
	return json_pack("{s:s, s:s}", "pamlabCaseId/v1", shown, "primaryLocationLineHash", line);
}

/* The first line is what lists of alerts show. */
static json_t *message_of(const json_t *obj)
{
	cleanup_free char *text = case_description(obj), *title = case_text(obj, "title");
	cleanup_free char *module = printable_json(json_object_get(obj, "module"), NULL);
	cleanup_free char *entry = printable_json(json_object_get(obj, "entry"), NULL), *all = NULL;

	all = text_format("%s through %s: %s: %s\n%s", module, entry, marks[mark_of(obj)].name,
	                  title ? title : "-", text);
	return sarif_message(all);
}

static json_t *result_of(const json_t *obj, const json_t *index)
{
	static const struct {
		const char *kind, *level;
	} how[MARK_COUNT] = {
	    [MARK_WARN] = {"fail", "warning"},   [MARK_KNOWN] = {"fail", "error"},
	    [MARK_SURPRISE] = {"fail", "error"}, [MARK_INCONCLUSIVE] = {"open", "none"},
	    [MARK_FAIL] = {"fail", "error"},
	};
	const char *name = text_of(obj, "scenario");
	cleanup_free char *rule = printable(name, strlen(name), NULL);
	enum mark_id mark = mark_of(obj);
	json_t *result;

	if (!how[mark].kind)
		return NULL;
	result = json_pack("{s:s, s:O, s:s, s:s, s:o, s:o, s:o}", "ruleId", rule, "ruleIndex",
	                   json_object_get(index, name), "kind", how[mark].kind, "level",
	                   how[mark].level, "message", message_of(obj), "locations",
	                   locations_of(obj), "partialFingerprints", fingerprints_of(obj));
	if (mark == MARK_KNOWN) {
		cleanup_free char *reason = case_text(obj, "reason");

		json_object_set_new(result, "suppressions",
		                    json_pack("[{s:s, s:s, s:s}]", "kind", "external", "status",
		                              "accepted", "justification",
		                              reason ? reason : marks[mark].meaning));
	}
	return result;
}

static json_t *notification(const char *id, json_t *message)
{
	return json_pack("{s:{s:s}, s:s, s:o}", "descriptor", "id", id, "level", "error", "message",
	                 message);
}

static json_t *notifications_of(const struct sarif *s, const json_t *notes, const json_t *index)
{
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach((json_t *)notes, i, item) json_array_append_new(
	    list, notification("incomplete", sarif_message(json_string_value(item))));
	json_array_foreach(s->c.cases, i, item)
	{
		json_t *said;

		if (mark_of(item) != MARK_ERROR)
			continue;
		said = notification("lab-error", message_of(item));
		json_object_set_new(
		    said, "associatedRule",
		    json_pack("{s:O}", "index", json_object_get(index, text_of(item, "scenario"))));
		json_object_set_new(said, "locations", locations_of(item));
		json_array_append_new(list, said);
	}
	return list;
}

/* "2024-01-01T00:00:00Z", and nothing else: the schema wants a date-time. */
static bool is_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return true;
}

static json_t *invocation_of(const struct sarif *s, const json_t *summary, const json_t *notes,
                             const json_t *index)
{
	json_t *said = notifications_of(s, notes, index), *arguments = json_array(), *word;
	json_t *invocation = json_pack("{s:b}", "executionSuccessful", !json_array_size(said));
	const json_t *status = json_object_get(summary, "exit");
	size_t i;

	json_array_foreach(json_object_get(s->c.run, "argv"), i, word)
	{
		cleanup_free char *shown = printable_json(word, NULL);

		json_array_append_new(arguments, json_string(shown));
	}
	json_object_set_new(invocation, "arguments", arguments);
	if (is_time(text_of(s->c.run, "started")))
		json_object_set(invocation, "startTimeUtc", json_object_get(s->c.run, "started"));
	if (json_is_integer(status) && json_integer_value(status) >= 0 &&
	    json_integer_value(status) < 256)
		json_object_set(invocation, "exitCode", (json_t *)status);
	json_object_set_new(invocation, "toolExecutionNotifications", said);
	return invocation;
}

/* How many cases there were of each mark, those that are no results too, and what they ran on. */
static json_t *properties_of(const struct sarif *s)
{
	static const char *const of_run[] = {"image",    "image_hash", "kernel", "kernel_hash",
	                                     "template", "qemu",       "accel"};
	size_t counts[MARK_COUNT] = {0}, i;
	json_t *properties = json_object(), *cases = json_object(), *obj;

	for (i = 0; i < sizeof(of_run) / sizeof(*of_run); i++) {
		cleanup_free char *text = case_text(s->c.run, of_run[i]);

		if (text)
			json_object_set_new(properties, of_run[i], json_string(text));
	}
	json_array_foreach(s->c.cases, i, obj) counts[mark_of(obj)]++;
	for (int m = MARK_NONE + 1; m < MARK_COUNT; m++)
		json_object_set_new(cases, marks[m].name, json_integer((json_int_t)counts[m]));
	json_object_set_new(properties, "cases", cases);
	return properties;
}

static json_t *log_of(const struct sarif *s, const json_t *summary, const json_t *notes)
{
	cleanup_free char *version = case_text(s->c.run, "version");
	cleanup_json json_t *index = NULL;
	json_t *rules = sarif_rules(s->c.run, s->c.cases, &index), *results = json_array(), *obj;
	size_t i;

	json_array_foreach(s->c.cases, i, obj)
	{
		json_t *result = result_of(obj, index);

		if (result)
			json_array_append_new(results, result);
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[o], s:o, s:o}]}", "$schema",
	                 SCHEMA, "version", "2.1.0", "runs", "tool", "driver", "name", "pamlab",
	                 "version", version ? version : "unknown", "rules", rules, "invocations",
	                 invocation_of(s, summary, notes, index), "results", results, "properties",
	                 properties_of(s));
}

static int sarif_end(struct reporter *r, const json_t *summary, struct err **e)
{
	static const char *const order[] = {"module", "group", "scenario", "entry", "id", NULL};
	struct sarif *s = (struct sarif *)r;
	cleanup_json json_t *notes = report_notes(s->c.run, json_array_size(s->c.cases), summary);
	cleanup_json json_t *log = NULL;

	collection_sort(&s->c, order);
	log = log_of(s, summary, notes);
	if (!log)
		return err_set(e, 0, "make the SARIF log");
	json_dumpf(log, s->out, JSON_INDENT(1));
	fputc('\n', s->out);
	return report_flush(s->out, e);
}

static void sarif_destroy(struct reporter *r)
{
	collection_free(&((struct sarif *)r)->c);
	free(r);
}

struct reporter *sarif_reporter(FILE *out)
{
	struct sarif *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->base = (struct reporter){sarif_begin, sarif_case, sarif_end, sarif_destroy};
	s->out = out;
	collection_init(&s->c);
	return &s->base;
}
