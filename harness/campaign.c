#include "campaign.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_line.h"
#include "case_outcome.h"
#include "cleanup.h"
#include "control.h"
#include "job.h"
#include "paths.h"
#include "plan.h"
#include "run_line.h"
#include "shard.h"
#include "stop.h"
#include "text.h"

#define CASE_WALL_S 240

struct state {
	struct campaign *c;
	struct plan plan;
	struct eventlog *log;
	char plan_digest[HASH_HEX];
	size_t planned;        /* cases of all shards */
	struct err *log_error; /* the first; the campaign goes on and ends with it */
	char **digests;        /* of the first repeat, for each case */
	struct runner runner;
};

static void write_log(struct state *s, const json_t *line)
{
	if (!s->log_error)
		eventlog_write(s->log, line, &s->log_error);
}

static void report_begin(struct state *s)
{
	const struct campaign *c = s->c;
	cleanup_json json_t *line = run_line_campaign(c, &s->plan);

	json_object_set_new(line, "booted", json_string(c->lab->base.sum));
	json_object_set_new(line, "plan", json_string(s->plan_digest));
	if (c->shard.count)
		json_object_set_new(line, "shard",
		                    json_pack("{s:i, s:i, s:i}", "index", (int)c->shard.index,
		                              "count", (int)c->shard.count, "of_cases",
		                              (int)s->planned));
	write_log(s, line);
	for (struct reporter *const *r = c->reporters; *r; r++)
		(*r)->begin(*r, line);
	if (c->progress)
		c->progress->begin(c->progress, line);
}

static void report_case(struct state *s, const json_t *line)
{
	struct campaign *c = s->c;

	write_log(s, line);
	if (c->progress)
		progress_hide(c->progress);
	for (struct reporter *const *r = c->reporters; *r; r++)
		(*r)->case_done(*r, line);
	if (c->progress) {
		c->progress->case_done(c->progress, line);
		progress_show(c->progress);
	}
}

/* Under the counting clock the same case is the same to the last byte. */
static void check_repeat(struct state *s, const struct test_case *t, struct judgement *j)
{
	size_t first = t - s->plan.cases;
	const char *digest = t->own->run.digest;

	while (first > 0 && strcmp(s->plan.cases[first - 1].id, t->id) == 0)
		first--;
	if (!s->digests[first]) {
		s->digests[first] = strdup(digest);
	} else if (s->c->lab->accel == ACCEL_TCG && t->own->run.end == GUEST_DONE &&
	           strcmp(s->digests[first], digest) != 0) {
		j->verdict = VERDICT_ERROR;
		free(j->reason);
		j->reason =
		    strdup("this repetition's digest differs: the case is not deterministic");
	}
}

static bool is_wanted(const struct state *s, const struct test_case *t)
{
	return !s->c->only || !strcmp(s->c->only, t->id);
}

static void judge(struct state *s, struct test_case *t)
{
	cleanup_json json_t *line = NULL;
	struct judgement j = {0};
	struct run_outcome outcome = {RUN_DONE, NULL};

	t->judged = true;
	if (t->own) {
		const json_t *outside, *without;

		outcome = case_outcome(t);
		outside = case_control_observations(&t->outside, &outcome);
		without = case_control_observations(&t->without, &outcome);
		verdict_decide(t->scenario, t->candidate->contract, t->own->run.observations,
		               outside, without, &outcome, s->c->strict, &j);
		check_repeat(s, t, &j);
		if (is_wanted(s, t)) {
			free(s->c->last_digest);
			s->c->last_digest = strdup(t->own->run.digest);
		}
	} else {
		outcome = (struct run_outcome){RUN_SKIPPED, t->skip};
		verdict_decide(t->scenario, t->candidate->contract, NULL, NULL, NULL, &outcome,
		               s->c->strict, &j);
	}
	if (s->c->known)
		verdict_apply_known(t->candidate->contract, t->entry, t->scenario->name, &j);
	if (s->c->known_list && !j.known)
		known_apply(s->c->known_list, t->candidate->name, t->entry, t->scenario->name, &j);
	if (is_wanted(s, t)) {
		verdict_count(&s->c->counts, &j);
		line = case_line(s->c->lab, t, &j);
		report_case(s, line);
	}
	judgement_clear(&j);
}

static bool has_ended(const struct planned_run *r)
{
	return !r || r->run.state == RUN_ENDED;
}

static void judge_what_can_be(struct state *s)
{
	for (size_t i = 0; i < s->plan.n_cases; i++) {
		struct test_case *t = &s->plan.cases[i];

		if (!t->judged && has_ended(t->own) && has_ended(t->outside.run) &&
		    has_ended(t->without.run))
			judge(s, t);
	}
}

static void show_running(const struct state *s, const struct planned_run *begun)
{
	size_t n = 0;

	if (!s->c->progress)
		return;
	for (size_t i = 0; i < s->runner.n; i++)
		n += s->runner.runs[i]->state == RUN_ACTIVE;
	/* A control is no case: nobody is told what it is. */
	progress_running(s->c->progress, n, begun && !begun->control ? begun->run.id : NULL);
}

static void started(struct run *r, void *arg)
{
	show_running(arg, r->owner);
}

static void heard(struct run *r, json_t *event, void *arg)
{
	struct state *s = arg;

	if (!s->log_error)
		eventlog_event(s->log, r->id, event, &s->log_error);
}

/* A file for each guest's console: what is in it goes to the one who looks for a crash. */
static void name_console(const struct state *s, struct run *r, size_t number)
{
	char *name;

	r->console = text_format("%s/consoles/%04zu-%.150s.log", s->c->dir, number, r->id);
	name = r->console + strlen(s->c->dir) + strlen("/consoles/");
	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-@#", *p))
			*p = '_';
}

static bool has_all(const struct scenario *s, const json_t *observations)
{
	cleanup_json json_t *names = job_observed(s);
	json_t *name;
	size_t i;

	json_array_foreach(
	    names, i,
	    name) if (!json_object_get(observations, json_string_value(name))) return false;
	return true;
}

/* A session that was shared and began, but did not come to its end, tells nothing of the steps that
 * it did not come to: a case that looks at these gets a guest of its own. */
static void run_alone_what_is_missing(struct state *s, const struct planned_run *r)
{
	const json_t *seen = r->run.observations;

	if (r->control || r->n_scenarios < 2 || r->run.end != GUEST_DONE ||
	    !json_is_true(json_object_get(seen, "session.started")) ||
	    json_is_true(json_object_get(seen, "session.finished")))
		return;
	for (size_t i = 0; i < s->plan.n_cases; i++) {
		struct test_case *t = &s->plan.cases[i];
		struct planned_run *alone;

		if (t->own != r || has_all(t->scenario, seen))
			continue;
		alone = plan_alone(&s->plan, t);
		name_console(s, &alone->run, s->plan.n_runs - 1);
		s->runner.runs[s->runner.n++] = &alone->run;
	}
}

static void ended(struct run *r, void *arg)
{
	struct planned_run *p = r->owner;
	struct state *s = arg;

	show_running(s, NULL);
	for (size_t i = 0; p->control && r->end == GUEST_DONE && i < p->n_scenarios; i++)
		control_keep(&r->stage->template, p->entry, p->scenarios[i], r->shift, p->stage,
		             r->observations, NULL);
	run_alone_what_is_missing(s, p);
	judge_what_can_be(s);
}

static void tick(void *arg)
{
	struct state *s = arg;

	if (s->c->progress)
		progress_tick(s->c->progress);
}

static void recall(struct case_control *c, const struct scenario *scenario)
{
	struct planned_run *r = c->run;
	struct stage_template *stage = r ? r->run.stage : NULL;

	if (!r || stage->state == STAGE_BUILDING)
		return;
	if (stage->state == STAGE_UNOPENED && stage_is_cached(stage))
		stage_open(stage);
	if (stage->state != STAGE_READY)
		return;
	c->kept = control_find(&stage->template, r->entry, scenario, r->run.shift, r->stage);
	if (!c->kept)
		return;
	plan_leave(r, scenario);
	c->run = NULL;
}

/* What earlier runs found out about the controls need not be run again: of templates that are in
 * the cache, that is; of others nothing is known. */
static void recall_controls(struct plan *p)
{
	for (size_t i = 0; i < p->n_cases; i++) {
		recall(&p->cases[i].outside, p->cases[i].scenario);
		recall(&p->cases[i].without, p->cases[i].scenario);
	}
}

static int name_consoles(struct state *s, struct err **e)
{
	cleanup_free char *folder = text_format("%s/consoles", s->c->dir);

	if (make_dirs(folder, e) < 0)
		return -1;
	for (size_t i = 0; i < s->plan.n_runs; i++)
		if (s->plan.runs[i]->n_scenarios)
			name_console(s, &s->plan.runs[i]->run, i);
	return 0;
}

static int run_all(struct state *s, struct err **e)
{
	/* Each case may get a guest of its own later. */
	cleanup_free struct run **runs =
	    calloc(s->plan.n_runs + s->plan.n_cases + 1, sizeof(*runs));
	int status;

	if (!runs)
		abort();
	s->runner = (struct runner){
	    .runs = runs,
	    .slots = s->c->slots,
	    .wall_s = CASE_WALL_S,
	    .on_start = started,
	    .on_event = heard,
	    .on_end = ended,
	    .on_tick = tick,
	    .arg = s,
	};
	for (size_t i = 0; i < s->plan.n_runs; i++)
		if (s->plan.runs[i]->n_scenarios)
			runs[s->runner.n++] = &s->plan.runs[i]->run;
	judge_what_can_be(s);
	status = runner_run(&s->runner, e);
	s->runner = (struct runner){0}; /* its list ends here */
	return status;
}

static int report_end(struct state *s, int status, int64_t wall_ms, struct err **e)
{
	cleanup_json json_t *counts = verdict_counts_json(&s->c->counts), *line = NULL;
	int written = 0;

	line = json_pack("{s:s, s:O, s:i, s:I, s:b}", "type", "end", "counts", counts, "exit",
	                 status, "wall_ms", (json_int_t)wall_ms, "interrupted", stop_requested());
	write_log(s, line);
	if (s->c->progress)
		written |= s->c->progress->end(s->c->progress, line, e);
	for (struct reporter *const *r = s->c->reporters; *r; r++)
		if ((*r)->end(*r, line, written < 0 ? NULL : e) < 0)
			written = -1;
	return written;
}

static int run_logged(struct state *s, struct err **e)
{
	int64_t since = host_now();
	int status;

	recall_controls(&s->plan);
	if (plan_write_jobs(&s->plan, e) < 0 || name_consoles(s, e) < 0)
		return -1;
	report_begin(s);
	if (run_all(s, e) < 0 && !stop_requested())
		return -1;
	status = stop_requested() ? stop_status() : (int)verdict_exit(&s->c->counts);
	if (report_end(s, status, (host_now() - since) / 1000000, e) < 0)
		return -1;
	return status;
}

int campaign_run(struct campaign *c, struct err **e)
{
	struct state s = {.c = c};
	int status;

	if (plan_make(c, &s.plan, e) < 0)
		return -1;
	shard_digest(c, &s.plan, s.plan_digest);
	s.planned = s.plan.n_cases;
	if (c->shard.count)
		shard_keep(&s.plan, &c->shard);
	s.digests = calloc(s.plan.n_cases + 1, sizeof(*s.digests));
	if (!s.digests)
		abort();
	status = eventlog_open(c->dir, &s.log, e);
	if (status == 0) {
		status = run_logged(&s, e);
		if (s.log_error && status >= 0) {
			*e = take_ptr(s.log_error);
			status = -1;
		}
		if (eventlog_close(&s.log, status < 0 ? NULL : e) < 0)
			status = -1;
	}
	err_free(&s.log_error);
	for (size_t i = 0; i < s.plan.n_cases; i++)
		free(s.digests[i]);
	free(s.digests);
	plan_free(&s.plan);
	templates_trim();
	return status;
}
