/* Runs a program for what it says, within a time limit. */
#ifndef PAMLAB_CAPTURE_H
#define PAMLAB_CAPTURE_H

#include <stdbool.h>

#include "err.h"

struct captured {
	bool timed_out;    /* it was killed at the limit */
	int status;        /* as wait(2) gives it */
	char *out, *err;   /* what it wrote (at most 64 KiB each is kept), ended by a NUL */
	long long wall_ms; /* how long it took */
};
void captured_free(struct captured *c);
#define cleanup_captured __attribute__((cleanup(captured_free)))

/* Runs argv[0], searched in PATH, without standard input, and waits at most limit_ms. The program
 * gets SIGKILL when this process dies, however it dies (PR_SET_PDEATHSIG). Fails only if the
 * program could not be run. */
int capture(char *const argv[], int limit_ms, struct captured *c, struct err **e);

/* The path of a program in PATH, or NULL; the caller frees. */
char *find_program(const char *name);

#endif
