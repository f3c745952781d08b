/* Many scenarios: all of a folder, and which of them a user means. */
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "scenario.h"
#include "suggest.h"
#include "text.h"

static int group_rank(const char *name)
{
	int rank = 0;

	while (groups[rank].name && strcmp(groups[rank].name, name) != 0)
		rank++;
	return rank;
}

static int by_group_and_name(const void *a, const void *b)
{
	const struct scenario *x = *(struct scenario *const *)a, *y = *(struct scenario *const *)b;
	int d = group_rank(x->group) - group_rank(y->group);

	return d ? d : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct scenario *const *)a)->name, (*(struct scenario *const *)b)->name);
}

static int check_folder(const struct scenario *s, struct err **e)
{
	cleanup_free char *copy = strdup(s->path);
	const char *folder = basename(dirname(copy));

	if (strcmp(folder, s->group) != 0)
		return err_usage(
		    e, "%s:%u: a scenario of the group '%s' should be in the folder %s/, not %s/",
		    s->path, s->line, s->group, s->group, folder);
	return 0;
}

static int check_duplicates(struct scenario **list, size_t n, struct err **e)
{
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(list[i - 1]->name, list[i]->name))
			return err_usage(e, "%s:%u: the name '%s' is taken already, by %s:%u",
			                 list[i]->path, list[i]->line, list[i]->name,
			                 list[i - 1]->path, list[i - 1]->line);
	return 0;
}

static int load_globbed(const glob_t *found, struct scenario **list, size_t *n, struct err **e)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		if (scenario_load(found->gl_pathv[i], &list[*n], e) < 0)
			return -1;
		if (check_folder(list[(*n)++], e) < 0)
			return -1;
	}
	return check_duplicates(list, *n, e);
}

int scenarios_load_all(const char *dir, struct scenario ***out, size_t *out_n, struct err **e)
{
	cleanup_free char *pattern = NULL;
	struct scenario **list;
	size_t n = 0;
	glob_t found = {0};
	int rc;

	*out = NULL;
	*out_n = 0;
	pattern = text_format("%s/*/*.yaml", dir);
	rc = glob(pattern, 0, NULL, &found);
	if (rc) {
		globfree(&found);
		return rc == GLOB_NOMATCH ? err_usage(e, "no scenario found: %s", pattern)
		                          : err_set(e, errno, "read %s", dir);
	}
	list = calloc(found.gl_pathc, sizeof(*list));
	if (!list)
		abort();
	rc = load_globbed(&found, list, &n, e);
	globfree(&found);
	if (rc < 0) {
		scenarios_free(list, n);
		return -1;
	}
	qsort(list, n, sizeof(*list), by_group_and_name);
	*out = list;
	*out_n = n;
	return 0;
}

void scenarios_free(struct scenario **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		scenario_free(&list[i]);
	free(list);
}

static int fail_unknown(struct scenario *const *list, size_t n, const char *pattern, struct err **e)
{
	cleanup_free const char **names = NULL;
	const char *near;

	if (strpbrk(pattern, "*?["))
		return err_usage(e, "no scenario fits '%s'; `pamlab list` names them", pattern);
	names = calloc(n + 1, sizeof(*names));
	if (!names)
		abort();
	for (size_t i = 0; i < n; i++)
		names[i] = list[i]->name;
	near = suggest(pattern, names);
	if (near)
		return err_usage(e, "unknown scenario '%s'; did you mean '%s'?", pattern, near);
	return err_usage(e, "unknown scenario '%s'; `pamlab list` names them", pattern);
}

int scenarios_select(struct scenario *const *list, size_t n, const char *pattern, bool *chosen,
                     struct err **e)
{
	size_t hits = 0;

	for (size_t i = 0; i < n; i++) {
		if (fnmatch(pattern, list[i]->name, 0) != 0 && strcmp(pattern, list[i]->group) != 0)
			continue;
		chosen[i] = true;
		hits++;
	}
	return hits ? 0 : fail_unknown(list, n, pattern, e);
}

static int find_scope(const char *word)
{
	for (int i = 0; i < SCOPES; i++)
		if (!strcmp(scope_names[i], word))
			return i;
	return -1;
}

int scopes_parse(const char *text, unsigned *scopes, struct err **e)
{
	cleanup_free char *copy = strdup(text);
	char *save = NULL;

	*scopes = 0;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		int scope = find_scope(w);
		const char *near = scope < 0 ? suggest(w, scope_names) : NULL;

		if (scope < 0)
			return err_usage(e, "--scope is of must, mask and info, not \"%s\"%s%s%s",
			                 w, near ? "; did you mean \"" : "", near ? near : "",
			                 near ? "\"?" : "");
		*scopes |= 1U << scope;
	}
	return *scopes ? 0 : err_usage(e, "--scope names none: must, mask or info");
}

void scenarios_keep_scopes(struct scenario *const *list, size_t n, unsigned scopes, bool *chosen)
{
	for (size_t i = 0; i < n; i++)
		chosen[i] &= scopes >> list[i]->scope & 1;
}
