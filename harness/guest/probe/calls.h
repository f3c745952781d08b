/* Calls that take a pid: made for each victim, and for a pid that nobody has. */
#ifndef PAMLAB_PROBE_CALLS_H
#define PAMLAB_PROBE_CALLS_H

#include "probe/probe.h"

/* A pid that no process of a guest has: pids go up from 1, those of the victims from 5000. */
enum { NOBODY = 30011 };

struct call {
	const char *name;
	/* Makes the call: 0 or more, or -1 with errno. It runs in a process of its own, which ends
	 * after the last call of the table: what it leaves open or changes about itself is gone. */
	int (*run)(pid_t pid);
	int right[4]; /* errors that a pid from outside has to get; 0 ends them */
};

/* Makes each call of the table for each victim and for NOBODY; observes UNDER.tried, .wrong and
 * .telling (probes/calls.def). Returns 0, or -1 after fault(). */
int try_calls(const struct session *s, const char *under, const struct call *calls, size_t n);

/* A step that does nothing else. */
#define CALLS_STEP(under)                                                                          \
	int step_##under(struct session *s, long number)                                           \
	{                                                                                          \
		(void)number;                                                                      \
		return try_calls(s, #under, under, sizeof(under) / sizeof(*(under)));              \
	}

#endif
