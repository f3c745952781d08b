/* Known failures that a user keeps in a file, each with a reason and a day on which it ends. */
#ifndef PAMLAB_KNOWN_H
#define PAMLAB_KNOWN_H

#include <stdbool.h>
#include <time.h>

#include <stddef.h>

#include "err.h"
#include "verdict.h"

#define KNOWN_DAY_LEN 11 /* "2026-12-31" and a NUL */

struct known_entry {
	char *pattern; /* fnmatch(3) over MODULE/ENTRY/SCENARIO */
	char *reason;
	char *expires;  /* "2026-12-31", the last day on which it counts, UTC */
	bool sometimes; /* it fails under some schedules only: a pass is no surprise */
	unsigned line;
};

struct known_list {
	unsigned version;
	struct known_entry *entries;
	unsigned entries_count;
	char *path;
	char today[KNOWN_DAY_LEN];
};

/* Loads a file, to be applied as of `now`. What does not fit is EXIT_USAGE with "FILE:LINE: what
 * was expected". */
int known_load(const char *path, time_t now, struct known_list **out, struct err **e);

/* The same from memory; `name` is what errors call it. */
int known_parse(const char *name, const char *text, size_t len, time_t now, struct known_list **out,
                struct err **e);
void known_free(struct known_list **list);
#define cleanup_known __attribute__((cleanup(known_free)))

/* The entry that covers MODULE/ENTRY/SCENARIO, or NULL; of several the first that has not expired.
 * Borrowed from the list. */
const struct known_entry *known_find(const struct known_list *list, const char *name);

/* Does the entry cover MODULE/ENTRY/SCENARIO? */
bool known_covers(const struct known_entry *entry, const char *name);

/* Is its last day over? */
bool known_expired(const struct known_list *list, const struct known_entry *entry);

/* To a judgement what verdict_apply_known does for a contract: marks the case as known to fail, or
 * adds to its reason that this has expired. */
void known_apply(const struct known_list *list, const char *module, const char *entry,
                 const char *scenario, struct judgement *j);

#endif
