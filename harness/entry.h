/* The ways in: the programs that open a session. */
#ifndef PAMLAB_ENTRY_H
#define PAMLAB_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct entry {
	const char *name;
	const char *about; /* one line */
	bool pseudo;       /* no way in: the control without any login; never selected by name */
	bool only_named;   /* only for scenarios that name it */
};

/* The table, ended by an entry without a name. The pseudo-entry is its last. */
extern const struct entry entries[];

/* NULL if there is no such entry; finds the pseudo-entry too. */
const struct entry *entry_find(const char *name);

/* The names that may be selected, NULL-terminated, in the table's order. */
const char *const *entry_names(void);

/* Is this the name of an entry that may be selected? If not, sets *e to a line that names the
 * nearest one and returns -1. */
int entry_check(const char *name, struct err **e);

#endif
