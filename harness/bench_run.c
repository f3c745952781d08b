/* A run of pamlab bench: the modules, the log, the parts one after the other, the summing up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "cleanup.h"
#include "entry.h"
#include "reporter.h"
#include "run_line.h"
#include "stack_marks.h"
#include "stop.h"
#include "verdict.h"

static int add_module(struct bench *b, const char *word, bool named, struct err **e)
{
	struct bench_module *m;

	b->modules = realloc(b->modules, (b->n_modules + 1) * sizeof(*b->modules));
	if (!b->modules)
		abort();
	m = &b->modules[b->n_modules];
	memset(m, 0, sizeof(*m));
	if (candidate_open(word, named ? b->o->subject.args : NULL, false,
	                   named ? b->o->subject.contract : NULL, &b->lab.image, &m->candidate,
	                   e) < 0)
		return -1;
	for (size_t i = 0; i < b->n_modules; i++)
		if (!strcmp(b->modules[i].candidate.name, m->candidate.name)) {
			bool mistake = named && i >= b->n_always;

			candidate_close(&m->candidate);
			return mistake ? err_usage(e, "two modules are called %s", word) : 0;
		}
	b->n_modules++;
	return 0;
}

/* Those that everything is compared with come first. */
static int open_modules(struct bench *b, struct err **e)
{
	static const char *const always[] = {"none", "pam_basic", "pam_namespace"};
	char **bundled = candidate_names(),
	     **words = b->o->subject.n_modules ? b->o->subject.modules : bundled;
	int status = 0;

	for (size_t i = 0; status == 0 && i < (b->o->quick ? 2 : 3); i++)
		status = add_module(b, always[i], false, e);
	b->n_always = b->n_modules;
	for (char **w = words; status == 0 && *w; w++)
		status = add_module(b, *w, words != bundled, e);
	candidate_names_free(&bundled);
	if (status < 0)
		return -1;
	for (size_t i = 0; i < b->n_modules; i++) {
		struct bench_module *m = &b->modules[i];

		m->stage =
		    (struct stage_template){.base = &b->lab.base, .candidate = &m->candidate};
		m->marked = stack_expand_marked(m->candidate.file, m->candidate.args, e);
		if (!m->marked)
			return -1;
	}
	return 0;
}

/* The clones of the wall part are started here and not by a runner, which would open them. */
static int open_stages(struct bench *b, struct err **e)
{
	for (size_t i = 0; i < b->n_modules; i++) {
		struct stage_template *s = &b->modules[i].stage;

		if (s->state == STAGE_UNOPENED)
			stage_open(s);
		if (s->state == STAGE_BUILDING)
			stage_finish(s);
		if (s->state == STAGE_FAILED)
			return s->status == EXIT_USAGE
			           ? err_usage(e, "%s", s->why)
			           : err_set(e, 0, "%s: %s", s->candidate->name, s->why);
	}
	return 0;
}

void bench_add_patience(json_t *job, const char *entry)
{
	json_object_set_new(job, "patience_ns",
	                    json_integer(entry_find(entry)->patience * 1000000000LL));
}

void bench_log(struct bench *b, json_t *line)
{
	if (!b->log_error)
		eventlog_write(b->log, line, &b->log_error);
	json_decref(line);
}

void bench_progress(const struct bench *b, size_t done, size_t of, const char *what)
{
	(void)b;
	if (style_of(stderr).tty)
		fprintf(stderr, "\r%zu of %zu %s\033[K%s", done, of, what, done == of ? "\n" : "");
	else if (done == of || done % 50 == 0)
		fprintf(stderr, "%zu of %zu %s\n", done, of, what);
}

static void log_begin(struct bench *b)
{
	json_t *line = run_line(&b->lab, b->dir, b->o->argv), *modules = json_array();
	json_t *through = json_array();
	size_t n = 0;

	for (size_t i = 0; i < b->n_modules; i++)
		json_array_append_new(modules, run_line_module(&b->modules[i].candidate));
	for (const char *const *entry = b->entries; *entry; entry++, n++)
		json_array_append_new(through, json_string(*entry));
	json_object_set_new(line, "modules", modules);
	json_object_set_new(line, "cases",
	                    json_integer(b->o->parts & BENCH_EXACT ? n * b->n_modules : 0));
	json_object_set_new(line, "strict", json_false());
	json_object_set_new(line, "known", json_false());
	json_object_set_new(line, "bench",
	                    json_pack("{s:o, s:i, s:i}", "entries", through, "logins",
	                              (int)b->o->logins, "seed", (int)b->o->seed));
	bench_log(b, line);
}

/* The summing up, from what is in the log so far. */
static int log_cases(struct bench *b, int64_t since, int *status, struct err **e)
{
	cleanup_json json_t *result = bench_derive(b->dir, e), *cases = NULL, *counts = NULL;
	json_t *line;
	size_t i;

	if (!result)
		return -1;
	cases = bench_cases(result);
	counts = json_object();
	for (int v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(counts, verdict_names[v], json_integer(0));
	*status = b->lab_failures ? EXIT_LAB : EXIT_HOLDS;
	json_array_foreach(cases, i, line)
	{
		const char *verdict = verdict_names[case_verdict(line)];

		json_object_set_new(
		    counts, verdict,
		    json_integer(json_integer_value(json_object_get(counts, verdict)) + 1));
		if (case_verdict(line) == VERDICT_ERROR)
			*status = EXIT_LAB;
		bench_log(b, json_incref(line));
	}
	bench_log(b, json_pack("{s:s, s:O, s:i, s:I, s:b}", "type", "end", "counts", counts, "exit",
	                       *status, "wall_ms", (json_int_t)(host_now() - since) / 1000000,
	                       "interrupted", false));
	return 0;
}

static int measure(struct bench *b, struct err **e)
{
	int64_t since = host_now();
	int status = 0, exit_status = EXIT_HOLDS;

	if (eventlog_open(b->dir, &b->log, e) < 0)
		return -1;
	log_begin(b);
	if (b->o->parts & (BENCH_EXACT | BENCH_GROWTH))
		status = bench_exact(b, e);
	if (status == 0 && (b->o->parts & BENCH_WALL))
		status = open_stages(b, e) < 0 ? -1 : bench_wall(b, e);
	if (status == 0)
		status = log_cases(b, since, &exit_status, e);
	else if (stop_requested())
		bench_log(b, json_pack("{s:s, s:{}, s:i, s:I, s:b}", "type", "end", "counts",
		                       "exit", stop_status(), "wall_ms",
		                       (json_int_t)(host_now() - since) / 1000000, "interrupted",
		                       true));
	if (eventlog_close(&b->log, status < 0 ? NULL : e) < 0)
		status = -1;
	if (b->log_error && status == 0) {
		*e = take_ptr(b->log_error);
		status = -1;
	}
	err_free(&b->log_error);
	return status < 0 ? -1 : exit_status;
}

/* Those that differ in how they open a session, and not in a detail of it. */
static const char *const *plain_entries(void)
{
	static const char *names[64];
	size_t n = 0;

	for (const struct entry *en = entries; en->name && n + 1 < 64; en++)
		if (!en->flags)
			names[n++] = en->name;
	names[n] = NULL;
	return names;
}

int bench_run(const struct bench_options *o, const char *dir, struct err **e)
{
	struct bench b = {.o = o, .lab = {.base = {.entry = STORE_NONE}}, .dir = dir};
	int status = -1;

	b.entries = o->subject.entries ? (const char *const *)o->subject.entries : plain_entries();
	if (lab_open(&o->subject.lab, &b.lab, e) == 0 && open_modules(&b, e) == 0)
		status = measure(&b, e);
	for (size_t i = 0; i < b.n_modules; i++) {
		stage_close(&b.modules[i].stage);
		json_decref(b.modules[i].marked);
		candidate_close(&b.modules[i].candidate);
	}
	free(b.modules);
	lab_close(&b.lab);
	return status;
}
