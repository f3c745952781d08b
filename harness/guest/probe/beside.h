/* What `probe entry` puts beside the program that logs in, and into it, if a step of the plan asks
 * for it: no other login is disturbed. */
#ifndef PAMLAB_PROBE_BESIDE_H
#define PAMLAB_PROBE_BESIDE_H

#include <sys/types.h>

/* The abstract socket that the bystander of the session's user listens at. */
#define BYSTANDER_SOCKET "pamlab-bystander"

struct beside {
	unsigned wanted;     /* STEP_BYSTANDERS, STEP_HANDLES */
	pid_t bystanders[2]; /* 0: none */
};

/* Reads the plan. Starts the bystanders, "bystander-same" of the session's user and
 * "bystander-root": in the process group and session of the caller, on its terminal, with all
 * signals blocked, so that the agent finds those they got in /proc/PID/status. Faults go to out. */
void beside_start(struct beside *b, int out);

/* In the process that is about to become the program that logs in: opens /proc, /, the PID and the
 * mount namespace, and a pidfd of the victim `root`, as 20 to 24, not to be closed on exec; makes
 * the parent the owner of standard input; puts the pids of victims into the environment. */
void beside_open_handles(const struct beside *b, int out);

/* Ends the bystanders: they hold the terminal open. */
void beside_end(struct beside *b);

#endif
