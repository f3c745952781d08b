/* One session that is opened and closed in a copy of the application, while a supervisor answers
 * its system calls. */
#ifndef PAMLAB_CALLER_SWEEP_TRY_H
#define PAMLAB_CALLER_SWEEP_TRY_H

#include <jansson.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sweep_calls.h"

enum phase {
	BEFORE,
	OPENING, /* until the session's first process is there */
	LOOKING,
	CLOSING,
	AFTER,
};

/* How the application was before, and whom its sessions should not see. */
struct before {
	ino_t pidns, mntns;
	json_t *state;
	pid_t victims[16];
	size_t n_victims;
};

/* Takes it, for all tries. Whoever calls this has a seccomp filter from then on, which lets all
 * calls pass, as all copies have one. Returns 0, or -1 with errno. */
int try_prepare(struct before *out);

/* What the copy, and what it starts, tell: shared memory. */
struct try_result {
	volatile enum phase phase;
	int listener;           /* its descriptor at which calls are answered; 0: not yet there */
	int taken;              /* the supervisor has one of its own */
	volatile bool forking;  /* the module has said that it worked */
	volatile bool forked;   /* the session's first process is made; it has yet to get there */
	volatile bool began;    /* pam_open_session was called */
	volatile bool opened;   /* it said that it worked, and a process could be started */
	volatile bool vain;     /* it said so, and none came to look around */
	volatile bool finished; /* that process came to its end */
	char exposed[80];  /* what is wrong with how the session's first process sees the world */
	char changed[200]; /* what of the application is not as before, names with commas */
};

struct
try {
	unsigned stay_ms; /* how long the session's first process stays */
	enum sweep_watch watch;
	int number; /* of the call that goes wrong, from 0; -1: none does */
	pid_t pid;
	int pidfd;    /* of the copy */
	int listener; /* where its calls are answered */
	struct try_result *shared;
	int count;          /* calls so far that could have gone wrong */
	unsigned made[128]; /* the same of each kind */
	int hit;            /* the kind of the one that did, or -1 */
	bool in_child;      /* it was another process than the copy */
	bool gone;          /* no process is left of it */
	bool hung;
};

/* Starts the copy, of an application that was as `before` says. Returns 0, or -1 with errno; the
 * two descriptors are the caller's to close then, where they are not -1. */
int try_start(struct try *t, pam_handle_t *pamh, const struct before *before);

#endif
