/* The catalogue: everything that is known to leak, break or stay behind, with the scenarios that
 * judge it or the reason why none does (scenarios/catalogue.yaml). */
#ifndef PAMLAB_CATALOGUE_H
#define PAMLAB_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "scenario.h"

struct catalogue_row {
	char *id;
	char *title;
	char *scope_name;
	enum scope scope;
	char *not_covered; /* why no scenario judges it; NULL: one does */
	unsigned line;     /* of the file */
};

struct catalogue_section {
	char *id;
	char *title;
	struct catalogue_row *rows;
	unsigned rows_count;
};

/* Everything belongs to the catalogue. */
struct catalogue {
	unsigned version;
	struct catalogue_section *sections;
	unsigned sections_count;
	char *path; /* as it was given */
};

/* Loads the file. What does not fit is EXIT_USAGE with "FILE:LINE: what was expected". */
int catalogue_load(const char *path, struct catalogue **out, struct err **e);

/* Holds catalogue and scenarios against each other: a scenario that names a row that is not there,
 * a row that has neither scenario nor reason, and one that has both, are EXIT_USAGE. */
int catalogue_check(const struct catalogue *c, struct scenario *const *scenarios, size_t n,
                    struct err **e);

/* Does the scenario judge the row with this id? */
bool catalogue_judged_by(const struct scenario *s, const char *id);

void catalogue_free(struct catalogue **c);
#define cleanup_catalogue __attribute__((cleanup(catalogue_free)))

#endif
