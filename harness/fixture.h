/* Fixtures: session modules that are broken in one way each (modules/fixtures/), and what has to
 * notice it. They show that the scenarios bite. */
#ifndef PAMLAB_FIXTURE_H
#define PAMLAB_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* What stands before a fixture's name where a module is named. */
#define FIXTURE_PREFIX "fixture:"

/* The fixture that nothing is wrong with. */
#define FIXTURE_BASE "base"

/* Who has to notice the defect: "SCENARIO", through any entry, or "SCENARIO@ENTRY". */
struct catcher {
	char *scenario;
	char *entry; /* NULL: any */
};

struct fixture {
	unsigned version;
	char *name, *what;
	char **catalogue;
	unsigned catalogue_count;
	char **caught_by; /* as written */
	unsigned caught_by_count;
	struct catcher *catchers; /* the same, taken apart */
	char *path;
};

/* Loads modules/fixtures/NAME.yaml. What does not fit is EXIT_USAGE with "FILE:LINE: ...". Only the
 * base is caught by nothing. */
int fixture_load(const char *path, struct fixture **out, struct err **e);
void fixture_free(struct fixture **f);
#define cleanup_fixture __attribute__((cleanup(fixture_free)))

/* All of them, the base first and then by name. The caller frees the list with fixtures_free. */
int fixtures_load_all(struct fixture ***list, size_t *n, struct err **e);
void fixtures_free(struct fixture **list, size_t n);

/* Their names, without the prefix, sorted, NULL at the end; to be freed with candidate_names_free.
 */
char **fixture_names(void);

#endif
