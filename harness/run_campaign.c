/* From options to a campaign: opens what they name, and runs it with the reporters they ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "entry.h"
#include "paths.h"
#include "printable.h"
#include "run_options.h"
#include "text.h"

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
	if (o->scopes)
		scenarios_keep_scopes(m->scenarios, m->n_scenarios, o->scopes, m->chosen);
	return 0;
}

static int open_candidates(const struct run_options *o, struct material *m, struct err **e)
{
	if (!o->subject.n_modules)
		return err_usage(e, "no module: say which with -m (`pamlab list modules`)");
	m->candidates = calloc(o->subject.n_modules, sizeof(*m->candidates));
	if (!m->candidates)
		abort();
	for (size_t i = 0; i < o->subject.n_modules; i++) {
		if (candidate_open(o->subject.modules[i], o->subject.args, o->strict,
		                   o->subject.contract, &m->lab.image, &m->candidates[i], e) < 0)
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

	if (given)
		return strdup(given);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	return text_format("results/%s-%d", stamp, getpid());
}

static int open_reports(const struct run_options *o, struct err **e)
{
	for (size_t i = 0; i < o->n_reports; i++)
		if (report_file_open(&o->reports[i], e) < 0)
			return -1;
	return 0;
}

static int close_reports(const struct run_options *o, struct err **e)
{
	int done = 0;

	for (size_t i = 0; i < o->n_reports; i++)
		if (report_file_close(&o->reports[i], done < 0 ? NULL : e) < 0)
			done = -1;
	return done;
}

/* The one on standard output first. */
static void make_reporters(const struct run_options *o, struct reporter **reporters)
{
	const struct report_format *format = o->format ? o->format : report_formats;

	*reporters++ = format->make(stdout);
	for (size_t i = 0; i < o->n_reports; i++)
		*reporters++ = o->reports[i].format->make(o->reports[i].out);
}

/* The baseline decides what is a failure. A case that could not be decided stays one that the lab
 * could not decide; if something is worse too, that comes first. On standard error, because
 * standard output has a format of its own. */
static int compare_with_baseline(const struct run_options *o, const char *dir, int status,
                                 struct err **e)
{
	int compared = gate_compare(&o->gate, o->gate.baseline, dir, stderr, e);

	return compared == EXIT_HOLDS && status == EXIT_LAB ? EXIT_LAB : compared;
}

static int run_with(const struct run_options *o, struct material *m, char **digest, struct err **e)
{
	cleanup_free char *dir = options_results_dir(o->dir);
	cleanup_free struct reporter **reporters = calloc(o->n_reports + 2, sizeof(*reporters));
	cleanup_reporter struct reporter *progress = NULL;
	struct campaign c = {
	    .lab = &m->lab,
	    .candidates = m->candidates,
	    .n_candidates = m->n_candidates,
	    .scenarios = m->scenarios,
	    .n_scenarios = m->n_scenarios,
	    .chosen = m->chosen,
	    .entries = o->subject.entries ? (const char *const *)o->subject.entries : entry_names(),
	    .entries_chosen = o->subject.entries != NULL,
	    .full = o->full,
	    .wanted = o->wanted,
	    .wanted_arg = o->wanted_arg,
	    .stage = o->stage_given ? &o->stage : NULL,
	    .schedule = o->schedule,
	    .repeat = o->repeat,
	    .slots = o->subject.slots,
	    .strict = o->strict,
	    .known = o->known,
	    .known_list = o->gate.known,
	    .shard = o->shard,
	    .only = o->only,
	    .dir = dir,
	    .argv = o->argv,
	    .reporters = reporters,
	};
	int status;

	if (!reporters)
		abort();
	if (!o->quiet) {
		bool silent = o->no_report || (o->format && o->format->at_end);

		if (!o->no_report)
			make_reporters(o, reporters);
		/* A table says nothing until its end; a log of a CI wants to see life before. */
		progress = progress_reporter(stderr, style_of(stderr), silent ? 20 : 0);
		c.progress = progress;
	}
	status = campaign_run(&c, e);
	for (struct reporter **r = reporters; *r; r++)
		reporter_free(r);
	if (status >= 0 && !o->quiet)
		fprintf(stderr, "results: %s/" EVENTLOG_NAME "\n", dir);
	if (o->gate.baseline &&
	    (status == EXIT_HOLDS || status == EXIT_BROKEN || status == EXIT_LAB))
		status = compare_with_baseline(o, dir, status, e);
	if (digest)
		*digest = c.last_digest;
	else
		free(c.last_digest);
	return status;
}

/* The keys of a run line that decide whether a baseline fits. */
static int check_baseline(const struct run_options *o, const struct lab *lab, struct err **e)
{
	cleanup_json json_t *identity = json_pack(
	    "{s:i, s:o, s:s, s:o, s:s, s:s, s:b}", "format", EVENTLOG_FORMAT, "image",
	    json_text(lab->image.name, strlen(lab->image.name)), "image_hash", lab->image.hash,
	    "kernel", json_text(lab->kernel.name, strlen(lab->kernel.name)), "kernel_hash",
	    lab->kernel.hash, "accel", accel_name(lab->accel), "strict", o->strict);

	return gate_check(&o->gate, identity, e);
}

int run_campaign(const struct run_options *o, char **digest, struct err **e)
{
	struct material m = {.lab = {.base = {.entry = STORE_NONE}}};
	int status = -1;

	/* What the user can have got wrong comes before what takes long. */
	if (open_scenarios(o, &m, e) == 0 && open_reports(o, e) == 0 &&
	    lab_open(&o->subject.lab, &m.lab, e) == 0 && check_baseline(o, &m.lab, e) == 0 &&
	    open_candidates(o, &m, e) == 0)
		status = run_with(o, &m, digest, e);
	if (close_reports(o, status < 0 ? NULL : e) < 0)
		status = -1;
	close_material(&m);
	return status;
}
