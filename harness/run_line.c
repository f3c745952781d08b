#include "run_line.h"

#include <sha256.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "printable.h"
#include "verbs.h"

static json_t *text(const char *s)
{
	return s ? json_text(s, strlen(s)) : json_null();
}

static json_t *modules_of(const struct campaign *c)
{
	json_t *modules = json_array();

	for (size_t i = 0; i < c->n_candidates; i++) {
		const struct candidate *m = &c->candidates[i];
		char digest[SHA256_DIGEST_STRING_LENGTH];

		/* as sha256sum has it */
		if (m->bytes)
			SHA256Data((const uint8_t *)m->bytes, m->size, digest);
		json_array_append_new(modules,
		                      json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", text(m->name),
		                                "path", text(m->path), "args", text(m->args),
		                                "contract", text(m->contract->path), "sha256",
		                                text(m->bytes ? digest : NULL)));
	}
	return modules;
}

static json_t *texts(char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, text(list[i]));
	return array;
}

/* What the cases' lines would say again and again. */
static json_t *scenarios_of(const struct campaign *c)
{
	json_t *scenarios = json_array();

	for (size_t i = 0; i < c->n_scenarios; i++) {
		const struct scenario *s = c->scenarios[i];

		if (c->chosen && !c->chosen[i])
			continue;
		json_array_append_new(scenarios,
		                      json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:i}",
		                                "name", text(s->name), "group", text(s->group),
		                                "scope", scope_names[s->scope], "title",
		                                text(s->title), "why", text(s->why), "promises",
		                                texts(s->promises, s->promises_count), "sources",
		                                texts(s->sources, s->sources_count), "file",
		                                text(s->path), "line", (int)s->line));
	}
	return scenarios;
}

json_t *run_line(const struct campaign *c, const struct plan *plan)
{
	cleanup_free char *started = eventlog_time(time(NULL));
	cleanup_json json_t *argv = json_array(), *modules = modules_of(c);
	cleanup_json json_t *scenarios = scenarios_of(c);
	json_t *line;

	for (const char *const *a = c->argv; a && *a; a++)
		json_array_append_new(argv, text(*a));
	line = json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:O, s:O, "
	                 "s:O, s:i, s:b, s:b}",
	                 "type", "run", "format", EVENTLOG_FORMAT, "version", PAMLAB_VERSION,
	                 "started", started, "image", text(c->lab->image.name), "image_hash",
	                 c->lab->image.hash, "kernel", text(c->lab->kernel.name), "kernel_hash",
	                 c->lab->kernel.hash, "template", c->lab->base.key, "qemu", c->lab->qemu,
	                 "accel", accel_name(c->lab->accel), "dir", c->dir, "argv", argv, "modules",
	                 modules, "scenarios", scenarios, "cases", c->only ? 1 : (int)plan->n_cases,
	                 "strict", c->strict, "known", c->known);
	if (plan->n_variations)
		json_object_set_new(line, "cover",
		                    json_pack("{s:s, s:I, s:I}", "how", c->full ? "full" : "pairs",
		                              "stages", (json_int_t)plan->n_variations, "of",
		                              (json_int_t)plan->possible));
	return line;
}
