/* pamlab list: what there is to run. */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "contract.h"
#include "entry.h"
#include "list_catalogue.h"
#include "fixture.h"
#include "observation.h"
#include "paths.h"
#include "scenario.h"
#include "stack.h"
#include "step.h"
#include "suggest.h"
#include "text.h"
#include "verbs.h"

/* A line of the list: a JSON object or, for people, its name and what it is. */
static void print_item(bool as_json, const char *kind, const char *name, const char *about)
{
	cleanup_json json_t *item = NULL;
	cleanup_free char *line = NULL;

	if (!as_json) {
		printf("%-20s %s\n", name, about);
		return;
	}
	item = json_pack("{s:s, s:s, s:s}", "kind", kind, "name", name, "about", about);
	line = item ? json_dumps(item, JSON_COMPACT) : NULL;
	if (line)
		puts(line);
}

static json_t *strings_json(char *const *list, unsigned n)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static void print_scenario_json(const struct scenario *s)
{
	cleanup_json json_t *item = NULL;
	cleanup_free char *line = NULL;

	item = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:i}", "kind", "scenario", "name", s->name,
	    "group", s->group, "scope", scope_names[s->scope], "title", s->title, "promises",
	    strings_json(s->promises, s->promises_count), "entries",
	    strings_json(s->entries, s->entries_count), "file", s->path, "line", (int)s->line);
	line = item ? json_dumps(item, JSON_COMPACT) : NULL;
	if (line)
		puts(line);
}

static int list_scenarios(bool as_json, struct err **e)
{
	cleanup_free char *dir = path_home("scenarios");
	struct scenario **list;
	const char *group = "";
	size_t n;

	if (scenarios_load_all(dir, &list, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (as_json) {
			print_scenario_json(list[i]);
			continue;
		}
		if (strcmp(group, list[i]->group) != 0) {
			const struct group *g = groups;

			while (strcmp(g->name, list[i]->group) != 0)
				g++;
			printf("%s%s: %s\n", *group ? "\n" : "", g->name, g->about);
			group = list[i]->group;
		}
		printf("  %-20s %-4s  %s\n", list[i]->name, scope_names[list[i]->scope],
		       list[i]->title);
	}
	scenarios_free(list, n);
	return 0;
}

static int list_entries(bool as_json, struct err **e)
{
	(void)e;
	for (const struct entry *en = entries; en->name; en++)
		if (!(en->flags & ENTRY_PSEUDO))
			print_item(as_json, "entry", en->name, en->about);
	return 0;
}

static int list_promises(bool as_json, struct err **e)
{
	(void)e;
	for (int p = 0; p < PROMISES; p++)
		print_item(as_json, "promise", promises[p].name, promises[p].about);
	return 0;
}

static void print_steps(bool as_json, const char *kind, const struct step *table)
{
	for (const struct step *s = table; s->name; s++) {
		cleanup_free char *name = text_format("%s%s%s", s->name, s->argument ? " " : "",
		                                      s->argument ? s->argument : "");

		print_item(as_json, kind, name, s->about);
	}
}

static int list_steps(bool as_json, struct err **e)
{
	(void)e;
	print_steps(as_json, "step", session_steps);
	return 0;
}

static int list_stages(bool as_json, struct err **e)
{
	(void)e;
	print_item(as_json, "stage", "private", "/ is mounted private (the default)");
	print_item(as_json, "stage", "shared", "/ is mounted shared, as systemd does");
	for (size_t i = 0; stack_positions[i]; i++)
		print_item(as_json, "stage", stack_positions[i],
		           i ? "where the module stands in the stack"
		             : "where the module stands in the stack (the default)");
	for (const struct stage_setup *t = stage_setups; t->name; t++)
		print_item(as_json, "stage", t->name, t->about);
	return 0;
}

static int list_actions(bool as_json, struct err **e)
{
	(void)e;
	print_steps(as_json, "action", during_steps);
	return 0;
}

/* Each after what a scenario needs to get it. */
static int list_observations(bool as_json, struct err **e)
{
	(void)e;
	for (const struct observation *o = observations; o->name; o++) {
		cleanup_free char *about = NULL;
		cleanup_json json_t *item = NULL;
		cleanup_free char *line = NULL;

		if (!as_json) {
			about = text_format("(%s%s%s) %s", observation_type_name(o->type),
			                    o->needs ? "; needs " : "", o->needs ? o->needs : "",
			                    o->about);
			print_item(false, "observation", o->name, about);
			continue;
		}
		item = json_pack("{s:s, s:s, s:s, s:s?, s:s}", "kind", "observation", "name",
		                 o->name, "type", observation_type_name(o->type), "needs", o->needs,
		                 "about", o->about);
		line = item ? json_dumps(item, JSON_COMPACT) : NULL;
		if (line)
			puts(line);
	}
	return 0;
}

/* "promises pid-private, proc-private" */
static char *describe_contract(const struct contract *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fputs(c->promises_count ? "promises " : "promises nothing", f);
	for (unsigned i = 0; i < c->promises_count; i++)
		fprintf(f, "%s%s", i ? ", " : "", c->promises[i]);
	if (c->known_count)
		fprintf(f, "; %u known failures", c->known_count);
	fclose(f);
	return text;
}

/* Calls print for the name of each folder that holds such a file: FOLDER/NAME/FILE. */
static int for_each_folder(const char *pattern, bool as_json,
                           int (*print)(const char *path, const char *name, bool as_json,
                                        struct err **e),
                           struct err **e)
{
	cleanup_free char *full = path_home("%s", pattern);
	glob_t found = {0};
	int rc = glob(full, 0, NULL, &found);

	if (rc && rc != GLOB_NOMATCH) {
		globfree(&found);
		return err_set(e, errno, "read %s", full);
	}
	rc = 0;
	for (size_t i = 0; i < found.gl_pathc && rc == 0; i++) {
		cleanup_free char *copy = strdup(found.gl_pathv[i]);

		rc = print(found.gl_pathv[i], basename(dirname(copy)), as_json, e);
	}
	globfree(&found);
	return rc;
}

static int print_module(const char *path, const char *name, bool as_json, struct err **e)
{
	cleanup_contract struct contract *c = NULL;
	cleanup_free char *about = NULL;

	if (contract_load(path, &c, e) < 0)
		return -1;
	about = describe_contract(c);
	print_item(as_json, "module", name, about);
	return 0;
}

static int list_modules(bool as_json, struct err **e)
{
	if (for_each_folder("modules/*/contract.yaml", as_json, print_module, e) < 0)
		return -1;
	print_item(as_json, "module", "none", "the stack without a session module");
	return 0;
}

static int print_image(const char *path, const char *name, bool as_json, struct err **e)
{
	(void)path, (void)e;
	print_item(as_json, "image", name, "built from its recipe when it is first needed");
	return 0;
}

static int list_images(bool as_json, struct err **e)
{
	return for_each_folder("images/*/build", as_json, print_image, e);
}

static int list_kernels(bool as_json, struct err **e)
{
	static const char *const kernels[][2] = {
	    {"6.1", "Debian 12's cloud kernel, fetched when it is first needed"},
	    {"6.12", "Debian 12 backports' cloud kernel, fetched when it is first needed"},
	    {"minimal", "built from Debian's source with images/kernels/minimal.config"},
	};

	(void)e;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++)
		print_item(as_json, "kernel", kernels[i][0], kernels[i][1]);
	return 0;
}

static int list_fixtures(bool as_json, struct err **e)
{
	struct fixture **list;
	size_t n;

	if (fixtures_load_all(&list, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *about = strdup(list[i]->what);

		for (unsigned k = 0; k < list[i]->caught_by_count; k++) {
			char *more;

			more = text_format("%s%s%s", about, k ? ", " : "; caught by ",
			                   list[i]->caught_by[k]);
			free(about);
			about = more;
		}
		print_item(as_json, "fixture", list[i]->name, about);
	}
	fixtures_free(list, n);
	return 0;
}

static int list_faults(bool as_json, struct err **e)
{
	(void)e;
	for (size_t i = 0; fault_names[i]; i++)
		print_item(as_json, "fault", fault_names[i], fault_texts[i]);
	return 0;
}

static const struct kind {
	const char *name;
	int (*print)(bool as_json, struct err **e);
} kinds[] = {
    {"scenarios", list_scenarios}, {"entries", list_entries}, {"modules", list_modules},
    {"images", list_images},       {"kernels", list_kernels}, {"promises", list_promises},
    {"steps", list_steps},         {"actions", list_actions}, {"observations", list_observations},
    {"stages", list_stages},       {"faults", list_faults},   {"fixtures", list_fixtures},
    {"catalogue", list_catalogue},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static int list_kind(const char *name, bool as_json, struct err **e)
{
	const char *names[KINDS + 1] = {NULL};
	const char *near;

	for (size_t i = 0; i < KINDS; i++) {
		names[i] = kinds[i].name;
		if (!strcmp(name, names[i]))
			return kinds[i].print(as_json, e);
	}
	near = suggest(name, names);
	if (near)
		return err_usage(e, "list: nothing is called '%s'; did you mean '%s'?", name, near);
	return err_usage(
	    e,
	    "list: nothing is called '%s'; expected scenarios, entries, modules, images, "
	    "kernels, promises, steps, actions, observations, stages, faults, fixtures or "
	    "catalogue",
	    name);
}

static int parse(int argc, char **argv, bool *as_json, const char **kind, struct err **e)
{
	static const struct option options[] = {
	    {"format", required_argument, NULL, 'f'}, {"all", no_argument, NULL, 'a'}, {0}};
	bool all = false;
	int o;

	optind = 0;
	opterr = 0;
	while ((o = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (o == ':')
			return err_usage(e, "list: '%s' needs a value: text or json",
			                 argv[optind - 1]);
		if (o == 'a') {
			all = true;
			continue;
		}
		if (o != 'f')
			return err_usage(e, "list: unknown option '%s'; see pamlab(1)",
			                 argv[optind - 1]);
		if (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0)
			return err_usage(e, "list: unknown format '%s'; expected text or json",
			                 optarg);
		*as_json = !strcmp(optarg, "json");
	}
	if (argc - optind > 1)
		return err_usage(e, "list: one kind at a time, and '%s' is the second",
		                 argv[optind + 1]);
	if (optind < argc)
		*kind = argv[optind];
	if (!all)
		return 0;
	if (optind < argc && strcmp(*kind, "scenarios") != 0 && strcmp(*kind, "catalogue") != 0)
		return err_usage(e, "list: --all is about scenarios, not about %s", *kind);
	*kind = "catalogue";
	return 0;
}

int cmd_list(int argc, char **argv)
{
	const char *kind = "scenarios";
	bool as_json = false;
	struct err *e = NULL;

	if (parse(argc, argv, &as_json, &kind, &e) < 0 || list_kind(kind, as_json, &e) < 0)
		return err_report(&e);
	return EXIT_HOLDS;
}
