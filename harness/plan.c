#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "contract.h"
#include "entry.h"
#include "hash.h"
#include "job.h"
#include "pairwise.h"
#include "stack.h"
#include "text.h"

char *case_id(const struct lab *lab, const char *module, const char *entry, const char *scenario,
              int shift, int64_t offset_ns)
{
	return text_format("%s/%s/%s@%s+%s#%d:%lld", module, entry, scenario, lab->image.name,
	                   lab->kernel.name, shift, (long long)offset_ns);
}

/* "su", or "su~shared,first" on a stage that the scenario is varied by. */
static char *entry_in_id(const char *entry, const struct stage *variation)
{
	cleanup_free char *stage = variation ? stage_text(variation) : strdup("");

	return text_format("%s%s%s", entry, *stage ? "~" : "", stage);
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

/* Modules that the cases bring along are all called the same, and so is what is around them. */
static bool same_stack(const struct candidate *a, const struct candidate *b)
{
	return a == b || (a->late && b->late && !a->args == !b->args &&
	                  (!a->args || !strcmp(a->args, b->args)));
}

static struct stage_template *find_template(struct plan *p, const struct candidate *c)
{
	struct stage_template *s;

	for (size_t i = 0; i < p->n_stages; i++)
		if (same_stack(p->stages[i]->candidate, c))
			return p->stages[i];
	s = grow(NULL, 0, sizeof(*s));
	s->base = &p->lab->base;
	s->candidate = c;
	p->stages = grow(p->stages, p->n_stages, sizeof(*p->stages));
	p->stages[p->n_stages++] = s;
	return s;
}

/* What is the same of cases that can share a login, but for module, entry and schedule. */
static char *share_key(const struct test_case *t)
{
	cleanup_free char *steps = job_share_key(t->scenario), *stage = stage_text(t->stage);

	return text_format("%s %s", stage, steps);
}

static struct planned_run *new_run(struct plan *p, const struct candidate *c,
                                   const struct test_case *t, const char *entry, int64_t offset_ns)
{
	struct planned_run *r = grow(NULL, 0, sizeof(*r));

	r->candidate = c;
	r->entry = entry;
	r->offset_ns = offset_ns;
	r->share_key = share_key(t);
	r->stage = t->stage;
	r->varied = t->varied;
	r->run.stage = find_template(p, c);
	r->run.shift = t->shift;
	r->run.warm = p->lab->base.machine.accel == ACCEL_TCG ? entry_find(entry)->warm : NULL;
	r->run.module = c->late ? c->bytes : NULL;
	r->run.module_size = c->late ? c->size : 0;
	r->run.owner = r;
	p->runs = grow(p->runs, p->n_runs, sizeof(*p->runs));
	p->runs[p->n_runs++] = r;
	return r;
}

static void join(struct planned_run *r, const struct scenario *s)
{
	for (size_t i = 0; i < r->n_scenarios; i++)
		if (r->scenarios[i] == s)
			return;
	r->scenarios = grow(r->scenarios, r->n_scenarios, sizeof(*r->scenarios));
	r->scenarios[r->n_scenarios++] = s;
}

/* The run that this case can share, its own or a control, made if there is none. */
static struct planned_run *find_run(struct plan *p, const struct candidate *c,
                                    const struct test_case *t, const char *entry, bool control)
{
	int64_t offset_ns = control ? 0 : t->offset_ns;
	unsigned repeat = control ? 0 : t->repeat;
	cleanup_free char *key = share_key(t);
	struct planned_run *r;

	for (size_t i = 0; i < p->n_runs; i++) {
		r = p->runs[i];
		if (r->candidate == c && r->run.shift == t->shift && r->offset_ns == offset_ns &&
		    r->repeat == repeat && r->control == control && !strcmp(r->entry, entry) &&
		    !strcmp(r->share_key, key)) {
			join(r, t->scenario);
			return r;
		}
	}
	r = new_run(p, c, t, entry, offset_ns);
	r->repeat = repeat;
	r->control = control;
	join(r, t->scenario);
	return r;
}

void plan_leave(struct planned_run *r, const struct scenario *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_scenarios; i++)
		if (r->scenarios[i] != s)
			r->scenarios[kept++] = r->scenarios[i];
	r->n_scenarios = kept;
}

/* The id of a run: its case's or, if it is shared, one that says by which scenarios. */
static char *run_id(const struct plan *p, const struct planned_run *r)
{
	char hex[HASH_HEX], name[32];
	SHA2_CTX ctx;

	cleanup_free char *entry = entry_in_id(r->entry, r->varied ? r->stage : NULL);

	if (r->n_scenarios == 1)
		return case_id(p->lab, r->candidate->name, entry, r->scenarios[0]->name,
		               r->run.shift, r->offset_ns);
	SHA256Init(&ctx);
	for (size_t i = 0; i < r->n_scenarios; i++)
		hash_add_text(&ctx, r->scenarios[i]->name);
	hash_end(&ctx, hex);
	snprintf(name, sizeof(name), "shared-%.8s", hex);
	return case_id(p->lab, r->candidate->name, entry, name, r->run.shift, r->offset_ns);
}

static int write_job(const struct plan *p, struct planned_run *r, struct err **e)
{
	r->run.id = run_id(p, r);
	r->run.job = job_make(r->scenarios, r->n_scenarios, r->run.id, r->entry, r->offset_ns);
	if (r->candidate->late)
		json_object_set_new(r->run.job, "module", candidate_module(r->candidate));
	return stage_add(r->stage, r->candidate, r->run.job, e);
}

int plan_write_jobs(struct plan *p, struct err **e)
{
	for (size_t i = 0; i < p->n_runs; i++)
		if (p->runs[i]->n_scenarios && write_job(p, p->runs[i], e) < 0)
			return -1;
	return 0;
}

struct planned_run *plan_alone(struct plan *p, struct test_case *t)
{
	struct planned_run *r = new_run(p, t->candidate, t, t->entry, t->offset_ns);
	cleanup_err struct err *e = NULL;

	r->repeat = t->repeat;
	join(r, t->scenario);
	write_job(p, r, &e); /* as it went for the shared run */
	t->own = r;
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
                     const struct scenario *s, const char *entry, const struct stage *variation,
                     int shift, unsigned repeat)
{
	cleanup_free char *name = entry_in_id(entry, variation);
	struct test_case *t;

	p->cases = grow(p->cases, p->n_cases, sizeof(*p->cases));
	t = &p->cases[p->n_cases++];
	t->candidate = candidate;
	t->scenario = s;
	t->entry = entry;
	t->stage = variation ? variation : &s->stage;
	t->varied = variation;
	t->shift = shift;
	t->offset_ns = c->schedule.given ? c->schedule.offset_ns : 0;
	t->repeat = repeat;
	t->id = case_id(c->lab, candidate->name, name, s->name, shift, t->offset_ns);
	t->skip = verdict_skip_reason(s, candidate->contract);
	if (!t->skip)
		t->skip = scenario_kernel_reason(s, c->lab->kernel.name);
	if (t->skip)
		return;
	if (s->controls.outside_count)
		t->outside.run = find_run(p, &p->none, t, "outside", true);
	if (needs_without(s))
		t->without.run = find_run(p, &p->none, t, entry, true);
	t->own = find_run(p, candidate, t, entry, false);
}

static void add_schedules(struct plan *p, const struct campaign *c,
                          const struct candidate *candidate, const struct scenario *s,
                          const char *entry, const struct stage *variation)
{
	for (unsigned repeat = 0; repeat < (c->repeat ? c->repeat : 1); repeat++) {
		if (c->schedule.given && !(c->schedule.spares_races && s->logins.phase_ns)) {
			add_case(p, c, candidate, s, entry, variation, c->schedule.shift, repeat);
			continue;
		}
		for (unsigned i = 0; i < s->shifts_count; i++)
			add_case(p, c, candidate, s, entry, variation, (int)s->shifts[i], repeat);
	}
}

/* Is the scenario run through this entry? A variant of an entry is for what costs next to nothing
 * there, unless somebody wants it: what only looks shares one login if it is on the plain stage. */
static bool is_planned(const struct campaign *c, const struct scenario *s, const char *entry)
{
	const struct entry *e = entry_find(entry);

	if (!scenario_has_entry(s, entry) || (e->flags & ENTRY_NAMED && !s->entries_count))
		return false;
	if (!(e->flags & ENTRY_VARIANT) || s->entries_count || c->entries_chosen || c->full)
		return true;
	return job_only_looks(s) && stage_is_plain(&s->stage);
}

/* The variants among the entries, when they are not to be like others: how many of `ways` stand
 * before the first of them. */
static unsigned count_full_ways(const struct campaign *c, const char *const *ways, unsigned n)
{
	unsigned i = 0;

	while (i < n &&
	       (c->entries_chosen || c->full || !(entry_find(ways[i])->flags & ENTRY_VARIANT)))
		i++;
	return i;
}

static const struct stage *add_variation(struct plan *p, bool shared, unsigned position,
                                         const char *setup)
{
	struct stage *s = grow(NULL, 0, sizeof(*s));

	s->root_shared = shared;
	s->position = strdup(stack_positions[position]);
	if (setup) {
		s->with = grow(NULL, 0, sizeof(*s->with));
		s->with[s->with_count++] = strdup(setup);
	}
	p->variations = grow(p->variations, p->n_variations, sizeof(*p->variations));
	p->variations[p->n_variations++] = s;
	return s;
}

/* How a scenario is varied: entry, propagation of /, position of the module, and what else is in
 * the stack or on the host. */
enum { MOST_SETUPS = 64 };
enum { BY_ENTRY, BY_ROOT, BY_POSITION, BY_SETUP, FACTORS };

static void add_varied(struct plan *p, const struct campaign *c, const struct candidate *candidate,
                       const struct scenario *s, const char *const *ways, unsigned n_ways)
{
	const char *setups[MOST_SETUPS] = {NULL};
	unsigned n_full = count_full_ways(c, ways, n_ways);
	unsigned sizes[FACTORS] = {[BY_ENTRY] = n_full, [BY_ROOT] = 2};
	cleanup_free unsigned *rows = NULL;
	size_t n = 0;

	while (stack_positions[sizes[BY_POSITION]])
		sizes[BY_POSITION]++;
	for (const struct stage_setup *t = stage_setups; t->name; t++)
		if (t->varies)
			setups[++sizes[BY_SETUP]] = t->name;
	sizes[BY_SETUP]++; /* none is the first */
	p->possible = (size_t)n_ways * sizes[BY_ROOT] * sizes[BY_POSITION] * sizes[BY_SETUP];
	if (n_full)
		rows = (c->full ? pairwise_all : pairwise_cover)(sizes, FACTORS, &n);
	for (size_t i = 0; i < n; i++) {
		const unsigned *row = rows + i * FACTORS;

		add_schedules(
		    p, c, candidate, s, ways[row[BY_ENTRY]],
		    add_variation(p, row[BY_ROOT], row[BY_POSITION], setups[row[BY_SETUP]]));
	}
	/* A variant has one stage, each another. */
	for (unsigned i = n_full; i < n_ways; i++)
		add_schedules(
		    p, c, candidate, s, ways[i],
		    add_variation(p, true, i % sizes[BY_POSITION], setups[i % sizes[BY_SETUP]]));
}

static void add_scenario(struct plan *p, const struct campaign *c,
                         const struct candidate *candidate, const struct scenario *s)
{
	cleanup_free const char **ways = NULL;
	unsigned n = 0;

	for (const char *const *entry = c->entries; *entry; entry++) {
		if (!is_planned(c, s, *entry) ||
		    (c->wanted && !c->wanted(c->wanted_arg, candidate->name, s, *entry)))
			continue;
		ways = grow(ways, n, sizeof(*ways));
		ways[n++] = *entry;
	}
	if (s->vary && !c->stage && !c->wanted && n) {
		add_varied(p, c, candidate, s, ways, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		add_schedules(p, c, candidate, s, ways[i],
		              stage_is_plain(&s->stage) ? c->stage : NULL);
}

int plan_make(const struct campaign *c, struct plan *p, struct err **e)
{
	memset(p, 0, sizeof(*p));
	p->lab = c->lab;
	if (candidate_open("none", NULL, false, NULL, &c->lab->image, &p->none, e) < 0)
		return -1;
	for (size_t m = 0; m < c->n_candidates; m++)
		for (size_t i = 0; i < c->n_scenarios; i++)
			if (!c->chosen || c->chosen[i])
				add_scenario(p, c, &c->candidates[m], c->scenarios[i]);
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
		json_decref(p->cases[i].outside.kept);
		json_decref(p->cases[i].without.kept);
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		run_free(&p->runs[i]->run);
		free(p->runs[i]->scenarios);
		free(p->runs[i]->share_key);
		free(p->runs[i]);
	}
	for (size_t i = 0; i < p->n_stages; i++) {
		stage_close(p->stages[i]);
		free(p->stages[i]);
	}
	for (size_t i = 0; i < p->n_variations; i++) {
		stage_clear(p->variations[i]);
		free(p->variations[i]);
	}
	candidate_close(&p->none);
	free(p->variations);
	free(p->cases);
	free(p->runs);
	free(p->stages);
	memset(p, 0, sizeof(*p));
}
