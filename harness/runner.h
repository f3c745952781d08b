/* Runs many guests, a few at a time. */
#ifndef PAMLAB_RUNNER_H
#define PAMLAB_RUNNER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "guest.h"
#include "stageset.h"

enum run_state { RUN_QUEUED, RUN_PREPARED, RUN_ACTIVE, RUN_ENDED };

/* One guest from clone to end. Filled in by the caller: stage, job, id, shift, module, console. */
struct run {
	struct stage_template *stage;
	json_t *job;
	char *id;
	int shift;
	const char *warm;   /* it gets a copy of a machine that is warmed up by this entry (warm.h);
	                     * NULL: a clone. Not owned */
	const void *module; /* that the job brings along; NULL: none. Borrowed */
	size_t module_size;
	char *console; /* file for the guest's console, or NULL */
	void *owner;

	enum run_state state;
	int tries; /* how often it was run to an end */
	struct guest guest;
	/* once RUN_ENDED: */
	enum guest_end end;
	char *why; /* what went wrong; NULL if nothing did */
	json_t *observations;
	char digest[GUEST_DIGEST_LEN];
	int64_t virtual_ns, wall_ms;
};

struct runner {
	struct run **runs; /* in the order in which they are started */
	size_t n;
	int slots;  /* guests at a time */
	int wall_s; /* wall time that each may take */
	void (*on_start)(struct run *r, void *arg);
	void (*on_event)(struct run *r, json_t *event, void *arg);
	void (*on_end)(struct run *r, void *arg);
	void (*on_tick)(void *arg); /* a few times a second */
	void *arg;
};

/* Runs all; a lab failure is tried once more. Returns when all have ended, or, with -1 and no error
 * set, when the program was asked to stop: every guest is gone then. A candidate that its image
 * cannot load is an error (EXIT_USAGE), and so is a template that cannot be made. */
int runner_run(struct runner *p, struct err **e);

void run_free(struct run *r);

#endif
