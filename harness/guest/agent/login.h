/* One login through an entry's driver, and what it left in the case directory. */
#ifndef PAMLAB_AGENT_LOGIN_H
#define PAMLAB_AGENT_LOGIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct login {
	int64_t patience_ns; /* how long it may do nothing */
	int64_t until;       /* guest time at which it counts as hung */
	bool hung;           /* it did not return in time; the driver was killed and started anew */
	bool returned;       /* the driver said so */
	bool exited;         /* the entry returned by itself: */
	int status;          /* exit status */
	int signal;          /* or the signal that ended it */
};

/* Starts the driver, an expect process that waits for the names of entries. It is part of a derived
 * template, so that no case pays for its start. */
void driver_start(void);

/* Its pid; 0 if there is none. It is the lab's own and no candidate's leftover. */
pid_t driver_pid(void);

/* Makes the case directory anew, for a session with these steps. */
void login_prepare(json_t *steps);

/* Has the driver log in through job.entry. */
void login_order(struct login *l, json_t *job);

/* Both. Without steps, and with job.no_program, nothing is run in the session. */
void login_start(struct login *l, json_t *job, json_t *steps);

/* Waits until the session holds; false if the login ended or hung before. */
bool login_wait_held(struct login *l);

void login_let_go(void);

/* Waits for the entry to return. */
void login_wait(struct login *l);

/* The JSON lines of a file in the case directory: whole, valid ones, at most 1 MiB. */
json_t *login_lines(const char *path);

/* The last bytes that the entry printed. */
json_t *login_output(size_t most);

/* Time stamp counter to ns. */
int64_t ticks_to_ns(uint64_t ticks);
/* Compares the counter with the clock, once, while nothing runs. */
void calibrate_ticks(void);

#endif
