/* The module under test, as the user named it. */
#ifndef PAMLAB_CANDIDATE_H
#define PAMLAB_CANDIDATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "contract.h"
#include "err.h"
#include "image.h"

struct candidate {
	char *name;  /* as in case ids: the file's name without .so, or "none" */
	char *path;  /* on the host; NULL: in the image, or no module at all */
	char *file;  /* what it is called in the guest; NULL: no module at all */
	char *args;  /* its arguments in the stack; NULL: none */
	char *bytes; /* of path */
	size_t size;
	bool late;           /* each case brings it along: many small modules share one template */
	json_t *stage_files; /* what else it needs in the guest, as in a stage job; may be NULL */
	struct contract *contract;
};

/* Is it the name of a fixture, FIXTURE_PREFIX and a file of modules/fixtures/? */
bool candidate_is_fixture(const char *word);

/* Finds what the user named: "none", a fixture, a path to a .so (with a slash, or ending in .so),
 * the name of a bundled module, or of one in the image. The file is checked by reading it; it is
 * never loaded. contract: a file, or NULL for the module's own or the default one. args: its
 * arguments;
 * "" for none, NULL for none or, if strict, those that the contract has for that. Errors name the
 * nearest name and are EXIT_USAGE. */
int candidate_open(const char *word, const char *args, bool strict, const char *contract,
                   const struct image *image, struct candidate *c, struct err **e);

/* The stage job that puts the candidate in place (docs/architecture.md). NULL on error. The caller
 * owns it. */
json_t *candidate_stage(const struct candidate *c, struct err **e);

/* What a job says of the module whose bytes come with it: file and size, or null. A new reference.
 */
json_t *candidate_module(const struct candidate *c);

/* What a stage's observations say of the candidate: an EXIT_USAGE error if the image has not got
 * it, or lacks what it needs. */
int candidate_judge_stage(const struct candidate *c, const json_t *observations, struct err **e);

void candidate_close(struct candidate *c);

/* The names of the bundled modules, sorted, NULL at the end; to be freed with
 * candidate_names_free. */
char **candidate_names(void);
void candidate_names_free(char ***names);

#endif
