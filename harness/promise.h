/* What a session module can promise. A scenario lists the promises that it judges. */
#ifndef PAMLAB_PROMISE_H
#define PAMLAB_PROMISE_H

enum promise {
	PROMISE_PID_PRIVATE,
	PROMISE_MOUNT_PRIVATE,
	PROMISE_PROC_PRIVATE,
	PROMISE_ROOT_ISOLATED,
	PROMISE_BACKGROUND_ENDS,
	PROMISE_HOST_UNTOUCHED,
	PROMISE_FAIL_CLOSED,
	PROMISES
};

/* A set of promises: one bit each. */
typedef unsigned promise_set;
#define PROMISE_BIT(p) (1U << (p))
#define PROMISE_ALL    (PROMISE_BIT(PROMISES) - 1)

struct promise_info {
	const char *name;
	const char *about; /* one sentence */
};
extern const struct promise_info promises[PROMISES];

/* The promise of that name, or -1. */
int promise_find(const char *name);

/* The names, NULL-terminated, in the table's order. */
const char *const *promise_names(void);

#endif
