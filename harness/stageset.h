/* The derived templates that a campaign needs, made while other cases already run: a builder
 * process puts a template into the cache, then this process opens it there. */
#ifndef PAMLAB_STAGESET_H
#define PAMLAB_STAGESET_H

#include <stdbool.h>
#include <sys/types.h>

#include "candidate.h"
#include "err.h"
#include "template.h"

enum stage_state { STAGE_UNOPENED, STAGE_BUILDING, STAGE_READY, STAGE_FAILED };

struct stage_template {
	const struct template *base;
	const struct candidate *candidate;
	enum stage_state state;
	struct template template; /* if STAGE_READY */
	char *why;                /* if STAGE_FAILED */
	enum exit_status status;  /* of that failure: EXIT_USAGE is the candidate's doing */
	pid_t builder;
	int report_fd; /* readable when the builder has ended */
};

/* Is the template in the cache? Then stage_open takes no time. */
bool stage_is_cached(const struct stage_template *s);

/* Opens the template if it is in the cache (STAGE_READY), or starts a builder (STAGE_BUILDING). */
void stage_open(struct stage_template *s);

/* Call when report_fd is readable: takes the builder's result. */
void stage_finish(struct stage_template *s);

/* Ends a builder and lets the template go. */
void stage_close(struct stage_template *s);

#endif
