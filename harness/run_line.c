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

json_t *run_line(const struct lab *lab, const char *dir, const char *const *argv)
{
	cleanup_free char *started = eventlog_time(time(NULL));
	json_t *words = json_array();

	for (const char *const *a = argv; a && *a; a++)
		json_array_append_new(words, text(*a));
	return json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o}",
	                 "type", "run", "format", EVENTLOG_FORMAT, "version", PAMLAB_VERSION,
	                 "started", started, "image", text(lab->image.name), "image_hash",
	                 lab->image.hash, "kernel", text(lab->kernel.name), "kernel_hash",
	                 lab->kernel.hash, "template", lab->base.key, "qemu", lab->qemu, "accel",
	                 accel_name(lab->accel), "dir", text(dir), "argv", words);
}

json_t *run_line_module(const struct candidate *c)
{
	char digest[SHA256_DIGEST_STRING_LENGTH];

	/* as sha256sum has it */
	if (c->bytes)
		SHA256Data((const uint8_t *)c->bytes, c->size, digest);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", text(c->name), "path", text(c->path),
	                 "args", text(c->args), "contract", text(c->contract->path), "sha256",
	                 text(c->bytes ? digest : NULL));
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

json_t *run_line_campaign(const struct campaign *c, const struct plan *plan)
{
	json_t *line = run_line(c->lab, c->dir, c->argv), *modules = json_array();

	for (size_t i = 0; i < c->n_candidates; i++)
		json_array_append_new(modules, run_line_module(&c->candidates[i]));
	json_object_set_new(line, "modules", modules);
	json_object_set_new(line, "scenarios", scenarios_of(c));
	json_object_set_new(line, "cases", json_integer(c->only ? 1 : (json_int_t)plan->n_cases));
	json_object_set_new(line, "strict", json_boolean(c->strict));
	json_object_set_new(line, "known", json_boolean(c->known));
	if (plan->n_variations)
		json_object_set_new(line, "cover",
		                    json_pack("{s:s, s:I, s:I}", "how", c->full ? "full" : "pairs",
		                              "stages", (json_int_t)plan->n_variations, "of",
		                              (json_int_t)plan->possible));
	return line;
}
