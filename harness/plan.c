#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "contract.h"

#define MS_NS 1000000LL

char *case_id(const struct lab *lab, const char *module, const char *entry, const char *scenario,
              int shift, int64_t offset_ns)
{
	char *id = NULL;

	if (asprintf(&id, "%s/%s/%s@%s+%s#%d:%lld", module, entry, scenario, lab->image.name,
	             lab->kernel.name, shift, (long long)offset_ns) < 0)
		abort();
	return id;
}

/* Grows an array of n elements by one that is zeroed. */
static void *grow(void *array, size_t n, size_t size)
{
	char *more = realloc(array, (n + 1) * size);

	if (!more)
		abort();
	memset(more + n * size, 0, size);
	return more;
}

static struct stage_template *find_stage(struct plan *p, const struct lab *lab,
                                         const struct candidate *c, bool shared)
{
	struct stage_template *s;

	for (size_t i = 0; i < p->n_stages; i++)
		if (p->stages[i]->candidate == c && p->stages[i]->root_shared == shared)
			return p->stages[i];
	s = grow(NULL, 0, sizeof(*s));
	s->base = &lab->base;
	s->candidate = c;
	s->root_shared = shared;
	p->stages = grow(p->stages, p->n_stages, sizeof(*p->stages));
	p->stages[p->n_stages++] = s;
	return s;
}

static json_t *text_array(char *const *texts, unsigned n)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

static void add_names(json_t *names, const struct expectation *x, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		json_array_append_new(names, json_string(x[i].that));
		if (x[i].matcher == MATCH_SAME_AS || x[i].matcher == MATCH_DIFFERS_FROM)
			json_array_append(names, x[i].value);
	}
}

/* What the scenario looks at, here or in its controls: the agent makes no other observation of the
 * host, because each costs a login's worth of emulated instructions. */
static json_t *observed_names(const struct scenario *s)
{
	json_t *names = json_array();

	add_names(names, s->expect, s->expect_count);
	add_names(names, s->controls.outside, s->controls.outside_count);
	add_names(names, s->controls.without_module, s->controls.without_module_count);
	return names;
}

static json_t *make_job(const struct scenario *s, const char *id, const char *entry,
                        int64_t offset_ns)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:i, s:I, s:b, s:b, s:o}", "id",
	                 id, "job", "case", "entry", entry, "user", "alice", "offset_ns",
	                 (json_int_t)offset_ns, "steps", text_array(s->session, s->session_count),
	                 "during", text_array(s->during, s->during_count), "settle_ns",
	                 (json_int_t)(s->settle_ms * MS_NS), "logins",
	                 s->logins.count ? (int)s->logins.count : 1, "phase_ns",
	                 (json_int_t)s->logins.phase_ns, "relogin", s->relogin, "no_program",
	                 s->session_count == 0, "observe", observed_names(s));
}

static struct planned_run *add_run(struct plan *p, const struct lab *lab, const struct candidate *c,
                                   const struct scenario *s, const char *entry, int shift,
                                   int64_t offset_ns)
{
	struct planned_run *r = grow(NULL, 0, sizeof(*r));

	r->candidate = c;
	r->scenario = s;
	r->entry = entry;
	r->run.id = case_id(lab, c->name, entry, s->name, shift, offset_ns);
	r->run.stage = find_stage(p, lab, c, s->stage.root_shared);
	r->run.shift = shift;
	r->run.job = make_job(s, r->run.id, entry, offset_ns);
	r->run.owner = r;
	p->runs = grow(p->runs, p->n_runs, sizeof(*p->runs));
	p->runs[p->n_runs++] = r;
	return r;
}

static struct planned_run *find_control(struct plan *p, const struct lab *lab,
                                        const struct scenario *s, const char *entry, int shift)
{
	struct planned_run *r;

	for (size_t i = 0; i < p->n_runs; i++) {
		r = p->runs[i];
		if (r->control && r->scenario == s && r->run.shift == shift &&
		    !strcmp(r->entry, entry))
			return r;
	}
	r = add_run(p, lab, &p->none, s, entry, shift, 0);
	r->control = true;
	return r;
}

static bool needs_without(const struct scenario *s)
{
	if (s->controls.without_module_count)
		return true;
	for (unsigned i = 0; i < s->expect_count; i++)
		if (s->expect[i].matcher == MATCH_AS_WITHOUT_MODULE)
			return true;
	return false;
}

static void add_case(struct plan *p, const struct campaign *c, const struct candidate *candidate,
                     const struct scenario *s, const char *entry, int shift, unsigned repeat)
{
	struct test_case *t;

	p->cases = grow(p->cases, p->n_cases, sizeof(*p->cases));
	t = &p->cases[p->n_cases++];
	t->candidate = candidate;
	t->scenario = s;
	t->entry = entry;
	t->shift = shift;
	t->offset_ns = c->schedule.given ? c->schedule.offset_ns : 0;
	t->repeat = repeat;
	t->id = case_id(c->lab, candidate->name, entry, s->name, shift, t->offset_ns);
	t->skip = verdict_skip_reason(s, candidate->contract);
	if (!t->skip)
		t->skip = scenario_kernel_reason(s, c->lab->kernel.name);
	if (t->skip)
		return;
	if (s->controls.outside_count)
		t->outside = find_control(p, c->lab, s, "outside", shift);
	if (needs_without(s))
		t->without = find_control(p, c->lab, s, entry, shift);
	t->own = add_run(p, c->lab, candidate, s, entry, shift, t->offset_ns);
}

static void add_schedules(struct plan *p, const struct campaign *c,
                          const struct candidate *candidate, const struct scenario *s,
                          const char *entry)
{
	for (unsigned repeat = 0; repeat < (c->repeat ? c->repeat : 1); repeat++) {
		if (c->schedule.given) {
			add_case(p, c, candidate, s, entry, c->schedule.shift, repeat);
			continue;
		}
		for (unsigned i = 0; i < s->shifts_count; i++)
			add_case(p, c, candidate, s, entry, (int)s->shifts[i], repeat);
	}
}

int plan_make(const struct campaign *c, struct plan *p, struct err **e)
{
	memset(p, 0, sizeof(*p));
	if (candidate_open("none", NULL, NULL, &c->lab->image, &p->none, e) < 0)
		return -1;
	for (size_t m = 0; m < c->n_candidates; m++)
		for (size_t i = 0; i < c->n_scenarios; i++)
			for (const char *const *entry = c->entries; *entry; entry++)
				if ((!c->chosen || c->chosen[i]) &&
				    scenario_has_entry(c->scenarios[i], *entry))
					add_schedules(p, c, &c->candidates[m], c->scenarios[i],
					              *entry);
	if (p->n_cases)
		return 0;
	plan_free(p);
	return err_usage(e, "none of the chosen scenarios is run through the chosen entries: see "
	                    "`pamlab show SCENARIO`");
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n_cases; i++) {
		free(p->cases[i].id);
		free(p->cases[i].skip);
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		run_free(&p->runs[i]->run);
		free(p->runs[i]);
	}
	for (size_t i = 0; i < p->n_stages; i++) {
		stage_close(p->stages[i]);
		free(p->stages[i]);
	}
	candidate_close(&p->none);
	free(p->cases);
	free(p->runs);
	free(p->stages);
	memset(p, 0, sizeof(*p));
}
