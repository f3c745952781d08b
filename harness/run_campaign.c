/* From options to a campaign: opens what they name, and runs it with the reporters they ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "entry.h"
#include "paths.h"
#include "run_options.h"

struct material {
	struct lab lab;
	struct candidate *candidates;
	size_t n_candidates;
	struct scenario **scenarios;
	size_t n_scenarios;
	bool *chosen;
};

static int open_scenarios(const struct run_options *o, struct material *m, struct err **e)
{
	cleanup_free char *dir = path_home("scenarios");

	if (scenarios_load_all(dir, &m->scenarios, &m->n_scenarios, e) < 0)
		return -1;
	m->chosen = calloc(m->n_scenarios + 1, sizeof(*m->chosen));
	if (!m->chosen)
		abort();
	for (size_t i = 0; i < m->n_scenarios; i++)
		m->chosen[i] = o->n_scenarios == 0;
	for (size_t i = 0; i < o->n_scenarios; i++)
		if (scenarios_select(m->scenarios, m->n_scenarios, o->scenarios[i], m->chosen, e) <
		    0)
			return -1;
	return 0;
}

static int open_candidates(const struct run_options *o, struct material *m, struct err **e)
{
	if (!o->n_modules)
		return err_usage(e, "no module: say which with -m (`pamlab list modules`)");
	m->candidates = calloc(o->n_modules, sizeof(*m->candidates));
	if (!m->candidates)
		abort();
	for (size_t i = 0; i < o->n_modules; i++) {
		if (candidate_open(o->modules[i], o->args, o->contract, &m->lab.image,
		                   &m->candidates[i], e) < 0)
			return -1;
		m->n_candidates++;
	}
	return 0;
}

static void close_material(struct material *m)
{
	for (size_t i = 0; i < m->n_candidates; i++)
		candidate_close(&m->candidates[i]);
	free(m->candidates);
	scenarios_free(m->scenarios, m->n_scenarios);
	free(m->chosen);
	lab_close(&m->lab);
}

char *options_results_dir(const char *given)
{
	time_t now = time(NULL);
	char stamp[32];
	struct tm tm;
	char *dir = NULL;

	if (given)
		return strdup(given);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	if (asprintf(&dir, "results/%s-%d", stamp, getpid()) < 0)
		abort();
	return dir;
}

static struct reporter *make_reporter(enum run_format format)
{
	switch (format) {
	case FORMAT_JSON:
		return jsonl_reporter(stdout);
	case FORMAT_TABLE:
		return table_reporter(stdout, style_of(stdout));
	default:
		return ktap_reporter(stdout);
	}
}

static int run_with(const struct run_options *o, struct material *m, char **digest, struct err **e)
{
	cleanup_free char *dir = options_results_dir(o->dir);
	cleanup_reporter struct reporter *reporter = NULL, *progress = NULL;
	struct campaign c = {
	    .lab = &m->lab,
	    .candidates = m->candidates,
	    .n_candidates = m->n_candidates,
	    .scenarios = m->scenarios,
	    .n_scenarios = m->n_scenarios,
	    .chosen = m->chosen,
	    .entries = o->entries ? (const char *const *)o->entries : entry_names(),
	    .entries_chosen = o->entries != NULL,
	    .full = o->full,
	    .stage = o->stage_given ? &o->stage : NULL,
	    .schedule = o->schedule,
	    .repeat = o->repeat,
	    .slots = o->slots,
	    .strict = o->strict,
	    .known = o->known,
	    .only = o->only,
	    .dir = dir,
	    .argv = o->argv,
	};
	int status;

	if (!o->quiet) {
		reporter = make_reporter(o->format);
		/* A table says nothing until its end; a log of a CI wants to see life before. */
		progress =
		    progress_reporter(stderr, style_of(stderr), o->format == FORMAT_TABLE ? 20 : 0);
		c.reporters[0] = reporter;
		c.progress = progress;
	}
	status = campaign_run(&c, e);
	if (status >= 0 && !o->quiet)
		fprintf(stderr, "results: %s/" EVENTLOG_NAME "\n", dir);
	if (digest)
		*digest = c.last_digest;
	else
		free(c.last_digest);
	return status;
}

int run_campaign(const struct run_options *o, char **digest, struct err **e)
{
	struct material m = {.lab = {.base = {.entry = STORE_NONE}}};
	int status = -1;

	/* What the user can have got wrong comes before what takes long. */
	if (open_scenarios(o, &m, e) == 0 && lab_open(&o->lab, &m.lab, e) == 0 &&
	    open_candidates(o, &m, e) == 0)
		status = run_with(o, &m, digest, e);
	close_material(&m);
	return status;
}
