#include "candidate.h"

#include <ctype.h>
#include <dirent.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "candidate_files.h"
#include "cleanup.h"
#include "elfcheck.h"
#include "fixture.h"
#include "paths.h"
#include "stack.h"
#include "suggest.h"
#include "text.h"

static int has_contract(const struct dirent *d)
{
	cleanup_free char *path = NULL;

	if (d->d_name[0] == '.')
		return 0;
	path = path_home("modules/%s/contract.yaml", d->d_name);
	return access(path, R_OK) == 0;
}

char **candidate_names(void)
{
	cleanup_free char *dir = path_home("modules");
	struct dirent **list = NULL;
	int n = scandir(dir, &list, has_contract, alphasort);
	char **names = calloc(n > 0 ? n + 1 : 1, sizeof(*names));

	if (!names)
		abort();
	for (int i = 0; i < n; i++) {
		names[i] = strdup(list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return names;
}

void candidate_names_free(char ***names)
{
	for (char **n = *names; n && *n; n++)
		free(*n);
	free(*names);
	*names = NULL;
}

static bool is_path(const char *word)
{
	size_t n = strlen(word);

	return strchr(word, '/') || (n > 3 && !strcmp(word + n - 3, ".so"));
}

/* The file's name without .so. */
static char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = strdup(slash ? slash + 1 : path), *dot = strrchr(name, '.');

	if (dot && !strcmp(dot, ".so"))
		*dot = '\0';
	return name;
}

/* A name that is the same in a path, a PAM file and a shell. */
static char *guest_file(const char *name)
{
	char *file = text_format("%s.so", name);

	for (char *p = file; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-+", *p))
			*p = '_';
	return file;
}

static int open_file(struct candidate *c, struct err **e)
{
	if (candidate_check(c->path, e) < 0)
		return -1;
	c->bytes = read_file(c->path, &c->size, e);
	if (!c->bytes)
		return -1;
	c->file = guest_file(c->name);
	return 0;
}

static bool in_image(const struct image *image, const char *name)
{
	cleanup_free char *text = image->modules ? read_file(image->modules, NULL, NULL) : NULL;
	cleanup_free char *file = NULL;
	char *save = NULL;

	if (!text)
		return true; /* nobody knows: the guest will tell */
	file = text_format("%s.so", name);
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		const char *slash = strrchr(l, '/');

		if (!strcmp(slash ? slash + 1 : l, file))
			return true;
	}
	return false;
}

static int refuse(const char *word, char **bundled, struct err **e)
{
	const char *near = suggest(word, (const char *const *)bundled);

	if (near)
		return err_usage(e, "no module \"%s\": did you mean \"%s\"?", word, near);
	return err_usage(e,
	                 "no module \"%s\": give the path of a .so, a name from `pamlab list "
	                 "modules`, one of the image's, or none",
	                 word);
}

bool candidate_is_fixture(const char *word)
{
	return !strncmp(word, FIXTURE_PREFIX, strlen(FIXTURE_PREFIX));
}

/* All fixtures have one name in the guest, so they share the stack and with it the template. */
static int open_late(struct candidate *c, struct err **e)
{
	if (open_file(c, e) < 0)
		return -1;
	free(c->file);
	c->file = strdup("fixture.so");
	c->late = true;
	return 0;
}

static int find_fixture(struct candidate *c, const char *word, struct err **e)
{
	const char *name = word + strlen(FIXTURE_PREFIX);
	char **all = fixture_names();
	const char *near;
	int status = -1, own = 0;

	for (char **n = all; *n; n++)
		own |= !strcmp(*n, name);
	c->name = strdup(word);
	c->path = path_home("build/modules/fixtures/%s.so", name);
	if (own && access(c->path, R_OK) < 0)
		err_usage(e, "fixture %s is not built: run make", name);
	else if (own)
		status = open_late(c, e);
	else if ((near = suggest(name, (const char *const *)all)))
		err_usage(e, "no fixture \"%s\": did you mean \"%s%s\"?", name, FIXTURE_PREFIX,
		          near);
	else
		err_usage(e, "no fixture \"%s\": `pamlab list fixtures` names them", name);
	candidate_names_free(&all);
	return status;
}

/* A folder of modules/ without a source is about one that the image has: its contract, its files.
 */
static bool has_source(const char *name)
{
	cleanup_free char *pattern = path_home("modules/%s/*.c", name);
	glob_t found;
	bool has = glob(pattern, 0, NULL, &found) == 0;

	if (has)
		globfree(&found);
	return has;
}

static int find(struct candidate *c, const char *word, const struct image *image, struct err **e)
{
	char **bundled;
	int status = 0, own = 0;

	if (!strcmp(word, "none")) {
		c->name = strdup(word);
		return 0;
	}
	if (candidate_is_fixture(word))
		return find_fixture(c, word, e);
	if (is_path(word)) {
		c->path = strdup(word);
		c->name = base_name(word);
		return open_file(c, e);
	}
	bundled = candidate_names();
	for (char **n = bundled; *n; n++)
		own |= !strcmp(*n, word);
	c->name = strdup(word);
	if (own && has_source(word)) {
		c->path = path_home("build/modules/%s.so", word);
		if (access(c->path, R_OK) < 0)
			status = err_usage(e, "module %s is not built: run make", word);
		else
			status = open_file(c, e);
	} else if (own || in_image(image, word)) {
		c->file = guest_file(word);
	} else {
		status = refuse(word, bundled, e);
	}
	candidate_names_free(&bundled);
	return status;
}

static int take_contract(struct candidate *c, const char *word, const char *contract,
                         struct err **e)
{
	cleanup_free char *own = path_home("modules/%s/contract.yaml", c->name);

	if (contract)
		return contract_load(contract, &c->contract, e);
	if (!is_path(word) && access(own, R_OK) == 0)
		return contract_load(own, &c->contract, e);
	c->contract = contract_default(c->name);
	return 0;
}

int candidate_open(const char *word, const char *args, bool strict, const char *contract,
                   const struct image *image, struct candidate *c, struct err **e)
{
	memset(c, 0, sizeof(*c));
	if (find(c, word, image, e) < 0 || take_contract(c, word, contract, e) < 0) {
		candidate_close(c);
		return -1;
	}
	if (!args && strict)
		args = c->contract->strict_args;
	if (args && *args)
		c->args = strdup(args);
	if (!c->path && c->file && candidate_stage_files(c->name, &c->stage_files, e) < 0) {
		candidate_close(c);
		return -1;
	}
	return 0;
}

json_t *candidate_module(const struct candidate *c)
{
	if (!c->file)
		return json_null();
	return json_pack("{s:s, s:I}", "file", c->file, "size", (json_int_t)c->size);
}

json_t *candidate_stage(const struct candidate *c, struct err **e)
{
	json_t *files = stack_expand("required", c->file, c->args, "last", e);

	if (!files)
		return NULL;
	if (c->stage_files)
		json_array_extend(files, c->stage_files);
	return json_pack("{s:s, s:o, s:o}", "job", "stage", "files", files, "module",
	                 c->late ? json_null() : candidate_module(c));
}

int candidate_judge_stage(const struct candidate *c, const json_t *observations, struct err **e)
{
	const json_t *unresolved = json_object_get(observations, "stage.unresolved");
	const char *missing = json_string_value(json_object_get(observations, "stage.missing"));

	if (missing)
		return err_usage(e, "no module \"%s\": the image has no %s", c->name, missing);
	if (json_array_size(unresolved))
		return err_usage(e, "%s cannot be loaded in the image: %s%s",
		                 c->path ? c->path : c->name,
		                 json_string_value(json_array_get(unresolved, 0)),
		                 json_array_size(unresolved) > 1 ? ", and more" : "");
	return 0;
}

void candidate_close(struct candidate *c)
{
	free(c->name);
	free(c->path);
	free(c->file);
	free(c->args);
	free(c->bytes);
	json_decref(c->stage_files);
	contract_free(&c->contract);
	memset(c, 0, sizeof(*c));
}
