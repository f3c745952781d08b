/* The in-guest probe: one static program, one subcommand or step for each thing that is probed. */
#ifndef PAMLAB_PROBE_H
#define PAMLAB_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/marks.h"
#include "probes/flags.h"

/* What probe exits with when the lab, not the session, is at fault. */
#define EXIT_FAULT 2

struct victim {
	char name[32];
	pid_t pid; /* in the initial PID namespace */
	uid_t uid;
	char secret[64];
};

struct session {
	int out;             /* session.jsonl, opened before anything hostile */
	struct marks *marks; /* NULL: there are none */
	bool ended;          /* a step has ended the plan: */
	int status;          /* what to exit with */
	int signal;          /* what to die of, 0: nothing */
};

/* A step of a plan. A step that takes a number needs it, within min and max. run returns 0, or -1
 * after fault(). */
struct step {
	const char *name;
	const char *arg; /* what the number is called in the help; NULL: takes none */
	long min, max;
	unsigned flags; /* STEP_..., of probes/flags.h */
	const char *help;
	int (*run)(struct session *s, long number);
};

extern const struct step steps[];
extern const size_t n_steps;

/* The steps' functions, of probes/all.def. */
#define STEP(name, function, argument, least, most, flags, about)                                  \
	int function(struct session *s, long number);
#define ACTION(name, function, about)
#define OBSERVATION(name, type, needs, about)
#include "probes/all.def"
#undef STEP
#undef ACTION
#undef OBSERVATION

/* Records an observation; takes the reference to value. Returns 0, or -1 after a message on
 * standard error: then there is nowhere to record anything, not even a fault. */
int observe(const struct session *s, const char *name, json_t *value);

/* Records that the lab could not do its part, as the observation "fault". Always returns -1. */
int fault(const struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Reads CASE_VICTIMS; *out is the caller's to free(). Returns 0, or -1 after fault(). */
int read_victims(const struct session *s, struct victim **out, size_t *n);

/* Looks at each of them. Returns 0, or -1 after fault(). */
int each_victim(const struct session *s, void (*look)(const struct victim *v, void *arg),
                void *arg);

/* An errno's name, "ENOENT"; for a number that has none "E" and the number. The string is static,
 * the latter until the next call. */
const char *errno_name(int errnum);

/* What a call answered: "ok", or the name of the error that errno holds. */
const char *answer_name(long rc);

/* "CALL: ANSWER", of the call that was just made. */
json_t *call_answer(const char *call, long rc);

/* Becomes the user, with the groups and all three uids. /etc/passwd is all it looks into: NSS does
 * not work in a static program. Returns 0, or -1 after a message on standard error. */
int become_user(const char *name);

/* Sleeps through signals. */
void sleep_ms(long ms);

/* waitpid() through signals: the wait status, or -1 with errno. */
int wait_for(pid_t pid);

/* A thread's or process's own idea of whether /proc is its own: /proc/self names getpid(). */
bool proc_self_right(void);

/* The path that this program was started by (AT_EXECFN, getauxval(3)). */
const char *own_path(void);

/* The subcommands: get the arguments from their own name on, return the exit status. */
int run_session(int argc, char **argv);
int run_session_exec(int argc, char **argv);
int run_entry(int argc, char **argv);
int run_victim(int argc, char **argv);
int run_look(int argc, char **argv);
int run_nest(int argc, char **argv);
int run_last_pid(int argc, char **argv);
int run_core(int argc, char **argv);

#endif
