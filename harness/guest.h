/* One run of a guest, from the start of its QEMU to the end of its job: what it said, how it ended,
 * and the digest of the whole. Everything a guest says is data from a hostile place: lines are
 * bounded, what is no JSON is counted and kept out. */
#ifndef PAMLAB_GUEST_H
#define PAMLAB_GUEST_H

#include <jansson.h>
#include <sha256.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "vm.h"

enum guest_end {
	GUEST_RUNS,     /* not yet */
	GUEST_DONE,     /* the job came to its end */
	GUEST_DEADLINE, /* its guest time was up; the agent says so */
	GUEST_DIED,     /* the guest panicked, powered off or reset itself */
	GUEST_HUNG,     /* it used the processor and never answered within the wall deadline */
	GUEST_FLOODED,  /* it wrote more events than GUEST_BYTES_MAX */
	GUEST_FAULT,    /* the job came to its end, but the agent could not do its part */
	GUEST_LAB,      /* the lab's fault: QEMU ended, or the host gave it no time */
};

#define GUEST_BYTES_MAX  (16 << 20)
#define GUEST_DIGEST_LEN 65

struct guest {
	struct vm vm;
	enum guest_end end;
	char *why;                /* for every end but GUEST_DONE: one sentence */
	bool ready, began;        /* the agent polls; the job has started */
	json_t *observations;     /* name -> value */
	json_t *faults;           /* texts: things the lab could not do in the guest */
	int64_t virtual_ns;       /* `t` of the last event */
	int64_t deadline;         /* CLOCK_MONOTONIC of the host, ns */
	int64_t first_ns, end_ns; /* CLOCK_MONOTONIC of the host: first event, end */
	unsigned bad_lines;
	const char *console;           /* file, borrowed from the vm_spec; may be NULL */
	char digest[GUEST_DIGEST_LEN]; /* hex SHA-256 of all bytes up to and with the end event */

	/* Called for each event line that is valid; the event is borrowed. May be NULL. */
	void (*on_event)(json_t *event, void *arg);
	void *arg;

	/* private */
	SHA2_CTX sha;
	char *line;
	size_t line_len, bytes;
};

/* Starts the VM. wall_s bounds the whole run. */
int guest_start(struct guest *g, const struct vm_spec *spec, int wall_s, struct err **e);

/* Reads what there is without waiting; call when vm.events_fd or vm.pidfd is readable, and from
 * time to time for the deadline. Returns true once it has ended (g->end). */
bool guest_read(struct guest *g);

/* Waits until the run has ended, or, with until_ready, until the agent polls for jobs. */
void guest_wait(struct guest *g, bool until_ready);

/* The observation of that name, borrowed; NULL if there is none. */
json_t *guest_observation(const struct guest *g, const char *name);

/* Ends the VM and frees what the run holds; harmless on a zeroed struct. */
void guest_free(struct guest *g);
#define cleanup_guest __attribute__((cleanup(guest_free)))

#endif
