/* Any lines through every reporter: none may crash, and what comes out must be what it claims to
 * be, whatever a module, a guest or a damaged log says. The first byte chooses: lines of JSON as
 * they are, or a case made of the bytes, whose texts are then of every kind. */
#include <jansson.h>
#include <libxml/parser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"
#include "reporter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct lines {
	json_t *run, *cases, *end;
};

#define CLAIM(what)                                                                                \
	do {                                                                                       \
		if (!(what))                                                                       \
			__builtin_trap();                                                          \
	} while (0)

/* The lines of a log; the folder of plots is the caller's business. */
static void take_lines(struct lines *l, const char *text, size_t size)
{
	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t n = end ? (size_t)(end - text) : size;
		cleanup_json json_t *obj = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
		const char *type = json_string_value(json_object_get(obj, "type"));

		if (type && !strcmp(type, "run")) {
			json_object_del(obj, "dir");
			json_object_update(l->run, obj);
		} else if (type && !strcmp(type, "end")) {
			json_object_update(l->end, obj);
		} else if (json_is_object(obj)) {
			json_array_append(l->cases, obj);
		}
		size -= end ? n + 1 : n;
		text += end ? n + 1 : n;
	}
}

/* Texts from the bytes, one after the other, parted by 0xff. */
static json_t *next_text(const char **text, size_t *size)
{
	const char *end = memchr(*text, 0xff, *size);
	size_t n = end ? (size_t)(end - *text) : *size;
	json_t *value = json_text(*text, n);

	*text += end ? n + 1 : n;
	*size -= end ? n + 1 : n;
	return value;
}

static void make_case(struct lines *l, const char *text, size_t size)
{
	static const char *const keys[] = {"id",       "module",  "entry", "scenario",
	                                   "group",    "reason",  "title", "observed",
	                                   "expected", "because", "file",  "digest"};
	json_t *obj = json_object(), *modules, *scenarios;
	uint8_t how = size ? (uint8_t)*text : 0;

	text += size > 0;
	size -= size > 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		json_object_set_new(obj, keys[i], next_text(&text, &size));
	json_object_set_new(obj, "verdict", json_string(verdict_names[how % VERDICT_COUNT]));
	json_object_set_new(obj, "known", json_boolean(how & 64));
	json_object_set_new(obj, "line", json_integer(how));
	json_object_set_new(obj, "repeat", json_integer(how & 128));
	json_object_set_new(obj, "evidence",
	                    json_pack("[{s:o, s:O, s:b}]", "that", next_text(&text, &size),
	                              "observed", json_object_get(obj, "observed"), "holds", 0));
	modules = json_pack("[{s:O, s:o, s:o}]", "name", json_object_get(obj, "module"), "path",
	                    next_text(&text, &size), "args", next_text(&text, &size));
	scenarios = json_pack("[{s:O, s:o, s:[o]}]", "name", json_object_get(obj, "scenario"),
	                      "why", next_text(&text, &size), "promises", next_text(&text, &size));
	json_object_set_new(l->run, "modules", modules);
	json_object_set_new(l->run, "scenarios", scenarios);
	json_object_set_new(l->run, "image", next_text(&text, &size));
	json_object_set_new(l->end, "notes", json_pack("[o]", next_text(&text, &size)));
	json_array_append_new(l->cases, obj);
}

static void be_quiet(void *ctx, const char *msg, ...)
{
	(void)ctx, (void)msg;
}

/* Lines of valid UTF-8, without a control character. */
static void check_lines(const char *text, size_t size)
{
	cleanup_json json_t *utf8 = json_stringn(text, size);

	CLAIM(utf8);
	for (size_t i = 0; i < size; i++)
		CLAIM(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f));
}

static void check_junit(const char *text, size_t size)
{
	xmlDocPtr doc = xmlReadMemory(text, (int)size, "x", NULL, XML_PARSE_NONET | XML_PARSE_HUGE);

	CLAIM(doc);
	xmlFreeDoc(doc);
}

static void check_sarif(const char *text, size_t size)
{
	cleanup_json json_t *log = json_loadb(text, size, 0, NULL);

	CLAIM(log);
}

static void check_github(const char *text, size_t size)
{
	for (const char *line = text; line < text + size;) {
		const char *end = memchr(line, '\n', text + size - line);

		CLAIM(end);
		CLAIM(!strncmp(line, "::error ", 8) || !strncmp(line, "::warning ", 10) ||
		      !strncmp(line, "::notice ", 9) || !strncmp(line, "pamlab: ", 8));
		line = end + 1;
	}
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void check_html(const char *text, size_t size)
{
	static const char mark[] = "id=\"data\">";
	const char *start = strstr(text, mark), *end;
	cleanup_json json_t *data = NULL;

	(void)size;
	CLAIM(count(text, "<script") == 2 && count(text, "</script>") == 2 && start);
	start += sizeof(mark) - 1;
	end = strstr(start, "</script>");
	data = json_loadb(start, end - start, 0, NULL);
	CLAIM(data);
}

static void render(const struct lines *l, const char *format)
{
	static const struct {
		const char *format;
		void (*check)(const char *text, size_t size);
	} checks[] = {{"junit", check_junit},
	              {"sarif", check_sarif},
	              {"github", check_github},
	              {"html", check_html}};
	const struct report_format *f = report_format(format, NULL);
	cleanup_free char *text = NULL;
	struct reporter *r;
	json_t *obj;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	r = f->make(out);
	r->begin(r, l->run);
	json_array_foreach(l->cases, i, obj) r->case_done(r, obj);
	CLAIM(r->end(r, l->end, NULL) == 0);
	reporter_free(&r);
	fclose(out);
	if (strcmp(format, "json") != 0)
		check_lines(text, size);
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (!strcmp(checks[i].format, format))
			checks[i].check(text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lines l = {json_object(), json_array(), json_object()};

	xmlSetGenericErrorFunc(NULL, be_quiet);
	if (size && *data == '{')
		take_lines(&l, (const char *)data, size);
	else
		make_case(&l, (const char *)data, size);
	for (const struct report_format *f = report_formats; f->name; f++)
		render(&l, f->name);
	json_decref(l.run);
	json_decref(l.cases);
	json_decref(l.end);
	return 0;
}
