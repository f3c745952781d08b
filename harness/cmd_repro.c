/* pamlab repro: one case again, and whether the guest said the same to the last byte. */
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "eventlog.h"
#include "run_options.h"
#include "stop.h"
#include "verbs.h"

static const char usage[] =
    "usage: pamlab repro [-o DIR] [--log LOG] [OPTION]... CASE-ID\n"
    "\n"
    "Runs the case again and compares the digest of all that its guest said.\n"
    "\n"
    "      --log LOG   the event log, or its folder, that has the case (default: the newest of\n"
    "                  results/ that has it)\n"
    "\n"
    "The module's path, its arguments and its contract are taken from the log; -m, --args,\n"
    "--contract, --image, --kernel and --accel, as of pamlab run, take precedence. Exit status: "
    "that\n"
    "of the case; 3 if the digests differ.\n";

/* A case id, taken apart; the strings lie in `text`. */
struct case_name {
	char *text;
	char *module, *entry, *stage, *scenario, *image, *kernel, *schedule;
};

/* From the right: only the module's name may contain the separators. */
static char *cut_last(char *text, char separator)
{
	char *at = strrchr(text, separator);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

static int take_apart(const char *id, struct case_name *c, struct err **e)
{
	c->text = strdup(id);
	c->module = c->text;
	c->schedule = cut_last(c->text, '#');
	c->kernel = c->schedule ? cut_last(c->text, '+') : NULL;
	c->image = c->kernel ? cut_last(c->text, '@') : NULL;
	c->scenario = c->image ? cut_last(c->text, '/') : NULL;
	c->entry = c->scenario ? cut_last(c->text, '/') : NULL;
	c->stage = c->entry ? cut_last(c->entry, '~') : NULL;
	if (c->entry)
		return 0;
	return err_usage(
	    e,
	    "\"%s\" is no case id: MODULE/ENTRY/SCENARIO@IMAGE+KERNEL#SHIFT:OFFSET, as "
	    "the log and the reports give it",
	    id);
}

/* What a log knows of the case. */
struct record {
	const char *id;
	const char *module; /* its name in the id */
	json_t *run;        /* the log's first line */
	json_t *with;       /* the other scenarios that shared its login */
	char *digest;
	char *verdict;
};

static int take_line(void *data, size_t number, const json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	struct record *r = data;
	const char *id, *digest, *verdict;

	(void)number;
	if (type && !strcmp(type, "run") && !r->run)
		r->run = json_deep_copy(obj);
	if (!type || strcmp(type, "case") != 0)
		return 0;
	id = json_string_value(json_object_get(obj, "id"));
	digest = json_string_value(json_object_get(obj, "digest"));
	verdict = json_string_value(json_object_get(obj, "verdict"));
	if (!id || !digest || strcmp(id, r->id) != 0)
		return 0;
	r->digest = strdup(digest);
	r->verdict = strdup(verdict ? verdict : "?");
	r->with = json_deep_copy(json_object_get(obj, "with"));
	return 1;
}

static void drop(struct record *r)
{
	json_decref(r->run);
	json_decref(r->with);
	free(r->digest);
	free(r->verdict);
	r->run = r->with = NULL;
	r->digest = r->verdict = NULL;
}

static bool look_in(const char *path, struct record *r)
{
	struct eventlog_damage damage = {0};
	bool found = eventlog_read(path, take_line, r, &damage, NULL) == 1;

	eventlog_damage_free(&damage);
	if (!found)
		drop(r);
	return found;
}

/* The names begin with the time, so the last in order is the newest. */
static bool look_in_results(struct record *r)
{
	bool found = false;
	glob_t g;

	if (glob("results/*/" EVENTLOG_NAME, 0, NULL, &g) != 0)
		return false;
	for (size_t i = g.gl_pathc; i > 0 && !found; i--)
		found = look_in(g.gl_pathv[i - 1], r);
	globfree(&g);
	return found;
}

/* What the log says of the module that the case names: "path", "args", "contract". */
static const char *of_module(const struct record *r, const char *key)
{
	json_t *m;
	size_t i;

	json_array_foreach(json_object_get(r->run, "modules"), i, m)
	{
		const char *name = json_string_value(json_object_get(m, "name"));

		if (name && !strcmp(name, r->module))
			return json_string_value(json_object_get(m, key));
	}
	return NULL;
}

/* Fills in what the user did not say. */
static int complete(struct run_options *o, const struct case_name *c, const struct record *r,
                    char **module, char **entry, char **scenarios, struct err **e)
{
	size_t i;
	json_t *name;

	const char *path = of_module(r, "path");

	if (!o->n_modules) {
		module[0] = (char *)(path ? path : c->module);
		o->modules = module;
		o->n_modules = 1;
	}
	if (!o->args)
		o->args = of_module(r, "args");
	if (!o->contract)
		o->contract = of_module(r, "contract");
	if (!o->lab.image)
		o->lab.image = c->image;
	if (!o->lab.kernel)
		o->lab.kernel = c->kernel;
	if (!o->lab.accel)
		o->lab.accel = json_string_value(json_object_get(r->run, "accel"));
	o->strict |= json_is_true(json_object_get(r->run, "strict"));
	if (!o->stage_given) {
		o->stage_given = true;
		if (stage_parse(c->stage ? c->stage : "", &o->stage, e) < 0)
			return -1;
	}
	entry[0] = c->entry;
	o->entries = entry;
	/* The same login again: with all that shared it, of which one is reported. */
	scenarios[0] = c->scenario;
	o->n_scenarios = 1;
	json_array_foreach(r->with, i, name) if (json_is_string(name)) scenarios[o->n_scenarios++] =
	    (char *)json_string_value(name);
	o->scenarios = scenarios;
	o->only = r->id;
	return schedule_parse(c->schedule, &o->schedule, e);
}

static int compare(const struct record *r, const char *digest, int status)
{
	if (!r->digest) {
		printf("# digest %s; no log has this case, so there is nothing to compare with\n",
		       digest ? digest : "none");
		return status;
	}
	if (digest && !strcmp(r->digest, digest)) {
		printf("# same digest as in the log (verdict there: %s): %s\n", r->verdict, digest);
		return status;
	}
	printf("# the digest differs: %s in the log, %s now\n", r->digest,
	       digest ? digest : "none");
	return EXIT_LAB;
}

static int reproduce(struct run_options *o, const char *log, struct err **e)
{
	char *module[2] = {NULL}, *entry[2] = {NULL};
	cleanup_free char *digest = NULL, **scenarios = NULL;
	struct case_name c = {0};
	struct record r = {0};
	char **own_modules = o->modules, **own_entries = o->entries;
	size_t n_own = o->n_modules;
	int status = -1;

	if (o->n_scenarios != 1)
		return err_usage(e, "repro takes one case id: pamlab repro --help");
	r.id = o->scenarios[0];
	if (take_apart(r.id, &c, e) < 0)
		goto out;
	r.module = c.module;
	if (log && !look_in(log, &r)) {
		err_usage(e, "%s has no case %s", log, r.id);
		goto out;
	}
	if (!log)
		look_in_results(&r);
	scenarios = calloc(json_array_size(r.with) + 1, sizeof(*scenarios));
	if (!scenarios)
		abort();
	if (complete(o, &c, &r, module, entry, scenarios, e) < 0)
		goto out;
	status = run_campaign(o, &digest, e);
	if (status >= 0 && !stop_requested())
		status = compare(&r, digest, status);
out:
	o->modules = own_modules;
	o->n_modules = n_own;
	o->entries = own_entries;
	drop(&r);
	free(c.text);
	return status;
}

/* Takes "--log FILE" out of the arguments; the rest is run's. */
static const char *take_log(int *argc, char **argv)
{
	const char *log = NULL;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (!strncmp(argv[i], "--log=", 6))
			log = argv[i] + 6;
		else if (!strcmp(argv[i], "--log") && i + 1 < *argc)
			log = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return log;
}

int cmd_repro(int argc, char **argv)
{
	const char *log = take_log(&argc, argv);
	struct run_options o;
	struct err *e = NULL;
	int status;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return EXIT_HOLDS;
		}
	}
	stop_install();
	status = run_options_parse(argc, argv, &o, &e);
	if (status == 0)
		status = reproduce(&o, log, &e);
	run_options_free(&o);
	return status < 0 ? (int)err_report(&e) : status;
}
