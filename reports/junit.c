/* JUnit XML in the dialect of Surefire, as the xUnit plugin of Jenkins has it in junit-10.xsd:
 * a test case has no attributes but name, classname, time and group. A suite for each module and
 * entry. JUnit knows no expected failures: a known one is skipped, with its reason. */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "collect.h"
#include "mark.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

#define WALL_MS_MAX 1000000000000 /* of a damaged log: more would be no time */

struct junit {
	struct reporter base;
	FILE *out;
	struct collection c;
	bool mixed; /* cases of more than one image or kernel */
};

struct count {
	size_t tests, failures, errors, skipped;
	json_int_t ms;
};

/* How marks are told: the element in the test case, and the word for `type`. */
static const struct {
	const char *element, *type;
} told[MARK_COUNT] = {
    [MARK_SKIP] = {"skipped", "skip"},
    [MARK_KNOWN] = {"skipped", "known failure"},
    [MARK_SURPRISE] = {"failure", "unexpected pass"},
    [MARK_INCONCLUSIVE] = {"error", "inconclusive"},
    [MARK_ERROR] = {"error", "error"},
    [MARK_FAIL] = {"failure", "fail"},
};

static void junit_begin(struct reporter *r, const json_t *run)
{
	collection_begin(&((struct junit *)r)->c, run);
}

static void junit_case(struct reporter *r, const json_t *obj)
{
	collection_add(&((struct junit *)r)->c, obj);
}

static void open_element(xmlTextWriterPtr w, const char *name)
{
	xmlTextWriterStartElement(w, BAD_CAST name);
}

static void close_element(xmlTextWriterPtr w)
{
	xmlTextWriterEndElement(w);
}

static void attribute(xmlTextWriterPtr w, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST value);
}

static void attribute_count(xmlTextWriterPtr w, const char *name, size_t n)
{
	xmlTextWriterWriteFormatAttribute(w, BAD_CAST name, "%zu", n);
}

static void attribute_time(xmlTextWriterPtr w, json_int_t ms)
{
	xmlTextWriterWriteFormatAttribute(w, BAD_CAST "time", "%lld.%03lld", (long long)ms / 1000,
	                                  (long long)ms % 1000);
}

static json_int_t wall_ms(const json_t *obj)
{
	json_int_t ms = json_integer_value(json_object_get(obj, "wall_ms"));

	return ms < 0 ? 0 : ms > WALL_MS_MAX ? WALL_MS_MAX : ms;
}

static void count_case(struct count *n, const json_t *obj)
{
	const char *element = told[mark_of(obj)].element;

	n->tests++;
	n->ms += n->ms > WALL_MS_MAX ? 0 : wall_ms(obj);
	if (!element)
		return;
	n->failures += !strcmp(element, "failure");
	n->errors += !strcmp(element, "error");
	n->skipped += !strcmp(element, "skipped");
}

/* MODULE, a separator, ENTRY, and with more than one of them image and kernel. */
static char *suite_name(const struct junit *j, const json_t *obj, char separator)
{
	cleanup_free char *module = printable_json(json_object_get(obj, "module"), NULL);
	cleanup_free char *entry = printable_json(json_object_get(obj, "entry"), NULL);
	cleanup_free char *environment = case_environment(obj);

	return text_format("%s%c%s%s%s%s", module, separator, entry, j->mixed ? " (" : "",
	                   j->mixed ? environment : "", j->mixed ? ")" : "");
}

static void write_case(const struct junit *j, xmlTextWriterPtr w, const json_t *obj)
{
	enum mark_id mark = mark_of(obj);
	cleanup_free char *scenario = printable_json(json_object_get(obj, "scenario"), NULL);
	cleanup_free char *variant = case_variant(obj), *reason = case_text(obj, "reason");
	cleanup_free char *class = suite_name(j, obj, '.'), *text = case_description(obj);
	cleanup_free char *name = text_format("%s%s", scenario, variant);

	open_element(w, "testcase");
	attribute(w, "name", name);
	attribute(w, "classname", class);
	attribute_time(w, wall_ms(obj));
	if (told[mark].element) {
		open_element(w, told[mark].element);
		attribute(w, "type", told[mark].type);
		attribute(w, "message", reason ? reason : marks[mark].meaning);
		if (mark != MARK_SKIP)
			xmlTextWriterWriteString(w, BAD_CAST text);
		close_element(w);
	} else if (mark != MARK_PASS) {
		open_element(w, "system-out");
		xmlTextWriterWriteFormatString(w, "%s\n%s", marks[mark].name, text);
		close_element(w);
	}
	close_element(w);
}

static void write_property(xmlTextWriterPtr w, const char *name, const json_t *value)
{
	cleanup_free char *shown = NULL;

	if (!value || json_is_null(value))
		return;
	shown = printable_json(value, NULL);
	open_element(w, "property");
	attribute(w, "name", name);
	attribute(w, "value", shown);
	close_element(w);
}

static void write_properties(const struct junit *j, xmlTextWriterPtr w, const char *name)
{
	static const char *const of_run[] = {"version",     "image", "image_hash", "kernel",
	                                     "kernel_hash", "qemu",  "accel"};
	static const char *const of_module[] = {"path", "args", "contract", "sha256"};
	const json_t *module = run_module(j->c.run, name);

	open_element(w, "properties");
	for (size_t i = 0; i < sizeof(of_run) / sizeof(*of_run); i++)
		write_property(w, of_run[i], json_object_get(j->c.run, of_run[i]));
	for (size_t i = 0; i < sizeof(of_module) / sizeof(*of_module); i++) {
		cleanup_free char *key = text_format("module.%s", of_module[i]);

		write_property(w, key, json_object_get(module, of_module[i]));
	}
	close_element(w);
}

static void write_counts(xmlTextWriterPtr w, const struct count *n)
{
	attribute_count(w, "tests", n->tests);
	attribute_count(w, "failures", n->failures);
	attribute_count(w, "errors", n->errors);
	attribute_time(w, n->ms);
}

/* The cases [from, to). */
static void write_suite(const struct junit *j, xmlTextWriterPtr w, size_t from, size_t to)
{
	const json_t *first = json_array_get(j->c.cases, from);
	cleanup_free char *name = suite_name(j, first, '/');
	cleanup_free char *started = case_text(j->c.run, "started");
	struct count n = {0};

	for (size_t i = from; i < to; i++)
		count_case(&n, json_array_get(j->c.cases, i));
	open_element(w, "testsuite");
	attribute(w, "name", name);
	write_counts(w, &n);
	attribute_count(w, "skipped", n.skipped);
	if (started)
		attribute(w, "timestamp", started);
	write_properties(j, w, text_of(first, "module"));
	for (size_t i = from; i < to; i++)
		write_case(j, w, json_array_get(j->c.cases, i));
	close_element(w);
}

/* What is not there must be as red as what is broken. */
static void write_notes(xmlTextWriterPtr w, const json_t *notes)
{
	struct count n = {.tests = 1, .errors = 1};
	json_t *note;
	size_t i;

	if (!json_array_size(notes))
		return;
	open_element(w, "testsuite");
	attribute(w, "name", "pamlab");
	write_counts(w, &n);
	attribute_count(w, "skipped", 0);
	open_element(w, "testcase");
	attribute(w, "name", "the report is complete");
	attribute(w, "classname", "pamlab.log");
	attribute_time(w, 0);
	open_element(w, "error");
	attribute(w, "type", "incomplete");
	attribute(w, "message", json_string_value(json_array_get(notes, 0)));
	json_array_foreach((json_t *)notes, i, note)
	    xmlTextWriterWriteFormatString(w, "%s\n", json_string_value(note));
	close_element(w);
	close_element(w);
	close_element(w);
}

static bool same_suite(const struct junit *j, size_t a, size_t b)
{
	cleanup_free char *one = suite_name(j, json_array_get(j->c.cases, a), '/');
	cleanup_free char *other = suite_name(j, json_array_get(j->c.cases, b), '/');

	return !strcmp(one, other);
}

static bool is_mixed(const struct junit *j)
{
	size_t n = json_array_size(j->c.cases);
	cleanup_free char *first = case_environment(json_array_get(j->c.cases, 0));

	for (size_t i = 1; i < n; i++) {
		cleanup_free char *other = case_environment(json_array_get(j->c.cases, i));

		if (strcmp(first, other) != 0)
			return true;
	}
	return false;
}

static void write_report(struct junit *j, xmlTextWriterPtr w, const json_t *notes)
{
	size_t n = json_array_size(j->c.cases);
	struct count all = {0};

	for (size_t i = 0; i < n; i++)
		count_case(&all, json_array_get(j->c.cases, i));
	all.tests += json_array_size(notes) > 0;
	all.errors += json_array_size(notes) > 0;
	xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
	open_element(w, "testsuites");
	attribute(w, "name", "pamlab");
	write_counts(w, &all);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && same_suite(j, from, to); to++)
			;
		write_suite(j, w, from, to);
	}
	write_notes(w, notes);
	xmlTextWriterEndDocument(w);
}

static int junit_end(struct reporter *r, const json_t *summary, struct err **e)
{
	static const char *const order[] = {"module",   "entry", "environment", "group",
	                                    "scenario", "id",    NULL};
	struct junit *j = (struct junit *)r;
	cleanup_json json_t *notes = report_notes(j->c.run, json_array_size(j->c.cases), summary);
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlTextWriterPtr w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;

	if (!w)
		abort();
	collection_sort(&j->c, order);
	j->mixed = is_mixed(j);
	xmlTextWriterSetIndent(w, 1);
	write_report(j, w, notes);
	xmlFreeTextWriter(w);
	fwrite(xmlBufferContent(buffer), 1, xmlBufferLength(buffer), j->out);
	xmlBufferFree(buffer);
	return report_flush(j->out, e);
}

static void junit_destroy(struct reporter *r)
{
	collection_free(&((struct junit *)r)->c);
	free(r);
}

struct reporter *junit_reporter(FILE *out)
{
	struct junit *j = calloc(1, sizeof(*j));

	if (!j)
		abort();
	j->base = (struct reporter){junit_begin, junit_case, junit_end, junit_destroy};
	j->out = out;
	collection_init(&j->c);
	return &j->base;
}
