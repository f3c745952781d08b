/* The system calls that a session module may make on its way, and how each of them can go wrong. */
#ifndef PAMLAB_CALLER_SWEEP_CALLS_H
#define PAMLAB_CALLER_SWEEP_CALLS_H

#include <stddef.h>

enum {
	CALL_LIES =
	    1, /* success is 0 and the effect: so it can say that it worked, and do nothing */
	CALL_NEW = 2,   /* newer than Linux 5.0: it can be missing */
	CALL_WAITS = 4, /* a child that was not waited for is there afterwards, through no fault of
	                   the module */
	CALL_ASKS = 8,  /* it changes nothing that outlives the process: who is killed there leaves
	                   what he would leave at the next call that does */
};

struct sweep_call {
	int nr;
	const char *name;
	int err;        /* an error that its manual page gives */
	unsigned most;  /* of how many such calls in one opening each is made to fail; 0: all */
	unsigned flags; /* CALL_... */
};

extern const struct sweep_call sweep_calls[];
extern const size_t sweep_calls_count;

/* Which of the calls are asked for: an answer costs two switches of the address space, and
 * emulation makes these dear. */
enum sweep_watch { WATCH_ALL, WATCH_CHANGES, WATCH_LIES, WATCH_NEW, WATCH_NONE };

/* Puts the calling process under a filter that allows everything: that it has one is then no change
 * any more. Returns 0, or -1 with errno. */
int sweep_calls_allow(void);

/* Has the calling process, and what it starts, ask before each of those calls. Returns the
 * descriptor at which that is answered (seccomp_unotify(2)), also if none is, or -1 with errno. */
int sweep_calls_watch(enum sweep_watch which);

/* The index of a call's number, or -1. */
int sweep_calls_find(int nr);

#endif
