/* The names under which the guest reports what it saw. A scenario can expect something of these and
 * of nothing else: a mistyped name is an error of the file, never an expectation that is not met.
 */
#ifndef PAMLAB_OBSERVATION_H
#define PAMLAB_OBSERVATION_H

enum observation_type { OBS_BOOL, OBS_NUMBER, OBS_STRING, OBS_LIST };

struct observation {
	const char *name;
	enum observation_type type; /* any of them can also be null */
	const char *needs;          /* what a scenario must contain to get it (probes/all.def) */
	const char *about;          /* one line, with the unit */
};

/* The table, of probes/all.def, ended by an observation without a name. */
extern const struct observation observations[];

const struct observation *observation_find(const char *name);

/* The nearest name to a mistyped one, or NULL. */
const char *observation_suggest(const char *name);

/* "a list", "a number", ... */
const char *observation_type_name(enum observation_type type);

#endif
