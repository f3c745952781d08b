/* Errors as one line for a person. A function that can fail takes `struct err **e` as its last
 * argument and returns < 0 (or NULL); callers prepend context on the way up, so that the user reads
 * "open template: map ram: No space left on device". *e must be NULL on entry; who receives an
 * error frees it. Passing e == NULL discards the message. */
#ifndef PAMLAB_ERR_H
#define PAMLAB_ERR_H

/* Exit statuses of the program; documented in pamlab(1). */
enum exit_status {
	EXIT_HOLDS = 0,  /* every property holds */
	EXIT_BROKEN = 1, /* a property is broken */
	EXIT_USAGE = 2,  /* the command, a file it names, or the candidate cannot be used */
	EXIT_LAB = 3,    /* the lab's own failure, or a case that could not be decided */
};

struct err {
	enum exit_status status; /* what the program exits with if nobody handles this */
	char *msg;               /* one line that a terminal shows as it is: printable.h */
};

/* Sets *e to a lab failure (EXIT_LAB). errnum > 0 appends ": strerror". Always returns -1. */
int err_set(struct err **e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for what the user has to correct (EXIT_USAGE). Always returns -1. */
int err_usage(struct err **e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prepends "context: " to *e, if there is one. Always returns -1. */
int err_wrap(struct err **e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints "pamlab: MSG" on standard error, frees *e, and returns its status. */
enum exit_status err_report(struct err **e);

void err_free(struct err **e);
#define cleanup_err __attribute__((cleanup(err_free)))

#endif
