/* pamlab mutants: runs the fixtures and says whether each is caught, and each scenario bites. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../reports/mutants_table.h"
#include "candidate.h"
#include "cleanup.h"
#include "eventlog.h"
#include "mutants.h"
#include "paths.h"
#include "run_options.h"
#include "stop.h"
#include "text.h"
#include "verbs.h"

#define REFERENCE    "pam_pidns"
#define NEWER_KERNEL "6.12"

static const char usage[] =
    "usage: pamlab mutants [--named] [OPTION]... [SCENARIO...]\n"
    "       pamlab mutants --log LOG\n"
    "\n"
    "Runs the fixtures (modules/fixtures/), each session module broken in one way, against the\n"
    "scenarios, and prints the matrix. Each fixture has to be caught by the scenario that it "
    "names,\n"
    "each scenario of scope must or mask has to trip on a fixture, and neither the fixtures' base\n"
    "nor " REFERENCE " on any.\n"
    "\n"
    "      --named     only what the fixtures name\n"
    "      --log LOG   runs nothing: judges the log, or the one in that folder, of an earlier run\n"
    "\n"
    "The options are those of pamlab run, but the schedule is 1:0 unless --schedule is given: an\n"
    "instruction takes 2 ns. Scenarios of races (logins: {phase-ns}) keep their own. With -m,\n"
    "--entry, --scope, --named or a SCENARIO only a part of the matrix is run, and scenarios that\n"
    "do not trip are no holes. Exit status: 0 no hole, 1 holes, 2 usage, 3 something could not be\n"
    "decided.\n";

struct material {
	struct fixture **fixtures;
	size_t n_fixtures;
	struct scenario **scenarios;
	size_t n_scenarios;
	struct unbreakable *unbreakable;
	size_t n_unbreakable;
	struct mutants m;
};

static int open_material(struct material *t, struct err **e)
{
	cleanup_free char *scenarios = path_home("scenarios");
	cleanup_free char *unbreakable = path_home("scenarios/unbreakable.yaml");

	if (fixtures_load_all(&t->fixtures, &t->n_fixtures, e) < 0 ||
	    scenarios_load_all(scenarios, &t->scenarios, &t->n_scenarios, e) < 0 ||
	    unbreakable_load(unbreakable, &t->unbreakable, &t->n_unbreakable, e) < 0)
		return -1;
	t->m.fixtures = t->fixtures;
	t->m.n_fixtures = t->n_fixtures;
	t->m.scenarios = t->scenarios;
	t->m.n_scenarios = t->n_scenarios;
	t->m.unbreakable = t->unbreakable;
	t->m.n_unbreakable = t->n_unbreakable;
	return mutants_check_names(&t->m, e);
}

static void close_material(struct material *t)
{
	fixtures_free(t->fixtures, t->n_fixtures);
	scenarios_free(t->scenarios, t->n_scenarios);
	unbreakable_free(t->unbreakable, t->n_unbreakable);
}

static int take_line(void *data, size_t number, const json_t *line)
{
	const char *type = json_string_value(json_object_get(line, "type"));
	json_t *cases = data;

	(void)number;
	if (type && !strcmp(type, "case"))
		json_array_append_new(cases, json_deep_copy(line));
	return 0;
}

static int read_cases(const char *log, json_t *cases, struct err **e)
{
	struct eventlog_damage damage = {0};
	int status = eventlog_read(log, take_line, cases, &damage, e);

	eventlog_damage_free(&damage);
	return status;
}

static char *newer_log(const char *log)
{
	return text_format("%s/" NEWER_KERNEL, log);
}

/* Of the log, and of the one of the newer kernel if there is one beside it. */
static int judge_log(const struct material *t, const char *log, bool whole, struct err **e)
{
	cleanup_json json_t *cases = json_array();
	cleanup_free char *newer = newer_log(log);
	struct mutants_result r;
	int status;

	if (read_cases(log, cases, e) < 0 ||
	    (access(newer, F_OK) == 0 && read_cases(newer, cases, e) < 0))
		return -1;
	mutants_judge(&t->m, cases, whole, &r);
	print_mutants(stdout, &t->m, cases, &r);
	status = mutants_exit(&r);
	mutants_result_clear(&r);
	return status;
}

static bool is_wanted(const void *arg, const char *module, const struct scenario *s,
                      const char *entry)
{
	return mutants_wants(arg, module, s, entry);
}

/* The modules that are right first, and the fixtures. */
static char **all_modules(const struct material *t)
{
	char **names = calloc(t->n_fixtures + 2, sizeof(*names));

	if (!names)
		abort();
	names[0] = strdup(REFERENCE);
	for (size_t i = 0; i < t->n_fixtures; i++)
		names[i + 1] = text_format(FIXTURE_PREFIX "%s", t->fixtures[i]->name);
	return names;
}

/* What waits for something that never comes, or spins, is a matter of the guest's time, and costs
 * as much as the instructions that it could execute in it. */
static const struct schedule slower_processor = {.given = true, .shift = 1, .spares_races = true};

/* What the kernel was too old for is run on a newer one, into a folder of that name. */
static int run_newer(const struct material *t, const struct run_options *o, const char *dir,
                     struct err **e)
{
	cleanup_json json_t *cases = json_array(), *names = NULL;
	cleanup_free char **scenarios = NULL, *newer = newer_log(dir);
	struct run_options again = *o;

	if (o->subject.lab.kernel)
		return EXIT_HOLDS;
	if (read_cases(dir, cases, e) < 0)
		return -1;
	names = mutants_skipped(&t->m, cases);
	if (json_array_size(names) == 0)
		return EXIT_HOLDS;
	scenarios = calloc(json_array_size(names) + 1, sizeof(*scenarios));
	if (!scenarios)
		abort();
	for (size_t i = 0; i < json_array_size(names); i++)
		scenarios[i] = (char *)json_string_value(json_array_get(names, i));
	again.scenarios = scenarios;
	again.n_scenarios = json_array_size(names);
	again.subject.lab.kernel = NEWER_KERNEL;
	again.dir = newer;
	return run_campaign(&again, NULL, e);
}

static int run_matrix(struct material *t, struct run_options *o, struct err **e)
{
	bool whole = !o->subject.n_modules && !o->subject.entries && !o->n_scenarios &&
	             !o->scopes && !t->m.named_only;
	cleanup_free char *dir = options_results_dir(o->dir);
	int status;

	if (!o->subject.n_modules) {
		o->subject.modules = all_modules(t);
		o->subject.n_modules = t->n_fixtures + 1;
	}
	o->dir = dir;
	if (!o->schedule.given)
		o->schedule = slower_processor;
	o->no_report = true;
	o->wanted = is_wanted;
	o->wanted_arg = &t->m;
	o->strict = true;
	status = run_campaign(o, NULL, e);
	if (status >= 0 && status != EXIT_USAGE && !stop_requested())
		status = run_newer(t, o, dir, e);
	/* The campaign's own status says that something was broken: so it should be. */
	if (status < 0 || status == EXIT_USAGE || stop_requested())
		return status;
	return judge_log(t, dir, whole, e);
}

static int act(struct run_options *o, const char *log, void *arg, struct err **e)
{
	struct material *t = arg;

	if (open_material(t, e) < 0)
		return -1;
	return log ? judge_log(t, log, !t->m.named_only && !o->n_scenarios, e)
	           : run_matrix(t, o, e);
}

/* Takes "--named" out of the arguments; the rest is run's. */
static bool take_named(int *argc, char **argv)
{
	bool named = false;
	int kept = 1;

	for (int i = 1; i < *argc; i++)
		if (!strcmp(argv[i], "--named"))
			named = true;
		else
			argv[kept++] = argv[i];
	argv[kept] = NULL;
	*argc = kept;
	return named;
}

int cmd_mutants(int argc, char **argv)
{
	struct material t = {.m.named_only = take_named(&argc, argv)};
	const struct run_verb verb = {usage, true, act, &t};
	int status = run_verb(argc, argv, &verb);

	close_material(&t);
	return status;
}
