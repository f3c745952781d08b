/* What a session can be told to do, and what the agent can do to it meanwhile. */
#ifndef PAMLAB_STEP_H
#define PAMLAB_STEP_H

#include "err.h"

struct step {
	const char *name;
	const char *argument; /* its name, if the step takes a number; NULL if not */
	unsigned least, most; /* of that number */
	unsigned flags;       /* STEP_... */
	const char *about;    /* one line */
};

/* Flags of a step. */
enum {
	STEP_LAST = 1,   /* nothing can follow it */
	STEP_SHARES = 2, /* it leaves session and host as they were: scenarios can share a login */
};

/* The tables, of probes/all.def, each ended by a step without a name. */
extern const struct step session_steps[];
extern const struct step during_steps[];

/* Finds what a line such as "daemons 50" means. NULL, with a line in *e that says what was
 * expected, if it is in no table or its number does not fit. */
const struct step *step_parse(const struct step *table, const char *text, struct err **e);

#endif
