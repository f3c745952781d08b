/* pamlab repro: one case again, and whether the guest said the same to the last byte. */
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
                    char **scenarios, struct err **e)
{
	const char *path = of_module(r, "path");
	struct subject *s = &o->subject;
	size_t i, n = 0;
	json_t *name;

	/* A fixture's name in the id is not that of its file. */
	if (!s->n_modules)
		options_append(&s->modules, &s->n_modules,
		               path && !candidate_is_fixture(c->module) ? path : c->module);
	if (!s->args)
		s->args = of_module(r, "args");
	if (!s->args && r->run) /* "" is none; NULL could be those of the contract */
		s->args = "";
	if (!s->contract)
		s->contract = of_module(r, "contract");
	if (!s->lab.image)
		s->lab.image = c->image;
	if (!s->lab.kernel)
		s->lab.kernel = c->kernel;
	if (!s->lab.accel)
		s->lab.accel = json_string_value(json_object_get(r->run, "accel"));
	o->strict |= json_is_true(json_object_get(r->run, "strict"));
	if (!o->stage_given) {
		o->stage_given = true;
		if (stage_parse(c->stage ? c->stage : "", &o->stage, e) < 0)
			return -1;
	}
	options_free_words(s->entries);
	s->entries = NULL;
	options_append(&s->entries, &n, c->entry);
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

static int reproduce(struct run_options *o, const char *log, void *arg, struct err **e)
{
	cleanup_free char *digest = NULL, **scenarios = NULL;
	struct case_name c = {0};
	struct record r = {0};
	int status = -1;

	(void)arg;
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
	if (complete(o, &c, &r, scenarios, e) < 0)
		goto out;
	status = run_campaign(o, &digest, e);
	if (status >= 0 && !stop_requested())
		status = compare(&r, digest, status);
out:
	drop(&r);
	free(c.text);
	return status;
}

int cmd_repro(int argc, char **argv)
{
	return run_verb(argc, argv, &(struct run_verb){usage, true, reproduce, NULL});
}
