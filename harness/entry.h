/* The ways in: the programs that open a session. */
#ifndef PAMLAB_ENTRY_H
#define PAMLAB_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct entry {
	const char *name;
	const char *about; /* one line */
	unsigned flags;    /* ENTRY_... */
	unsigned patience; /* guest seconds that a login through it may take more than others */
	const char *warm;  /* the entry that a machine is warmed up by for it (warm.h) */
};

/* Flags of an entry. */
enum {
	ENTRY_PSEUDO = 1, /* no way in: the control without any login; never selected by name */
	/* A variant of another: unless it is named, or everything is asked for, it is used for
	 * scenarios that only look, on the plain stage, which share a login; and, on one stage, for
	 * those that vary. */
	ENTRY_VARIANT = 2,
	ENTRY_NAMED = 4, /* for scenarios that name it and no others */
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
