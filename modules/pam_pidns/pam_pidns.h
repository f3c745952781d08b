/* pam_pidns: a private PID and mount namespace with a /proc of its own for each session.
 *
 * Who is who: the caller is the application's process that opens the session. It moves to a new
 * mount namespace, and its next children go to a new PID namespace; itself it stays outside of that
 * (pid_namespaces(7)). init is process 1 of the new PID namespace: a child of the caller made here.
 *
 * Every function that can fail returns -1 and says in *why what failed; only the entry points log.
 */
#ifndef PAM_PIDNS_H
#define PAM_PIDNS_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* The step that failed, its errno, and what it was about (or an empty string). */
struct failure {
	int err;
	char step[64];
	char where[128];
};

/* A namespace, by the nsfs inode that stands for it; ino 0 is none. */
struct ns_id {
	dev_t dev;
	ino_t ino;
};

/* --- options.c ------------------------------------------------------------------------------- */

/* What the PAM configuration asks for. Strings belong to argv. */
struct options {
	bool debug;
	unsigned long propagation; /* MS_PRIVATE or MS_SLAVE */
	const char *hidepid;       /* for the new /proc; NULL: as the caller's /proc has it */
	const char *subset;        /* likewise */
	const char *exempt_user;   /* comma-separated names, or NULL */
	const char *exempt_group;  /* likewise */
};

/* Reads the module's arguments; logs and returns -1 if one is unknown, empty or given twice. */
int parse_options(pam_handle_t *pamh, int argc, const char **argv, struct options *o);

/* Whether the configuration leaves this user's sessions alone. */
bool is_exempt(pam_handle_t *pamh, const struct options *o, const char *user);

/* --- namespace.c ------------------------------------------------------------------------------ */

/* Where the caller came from. Descriptors are close-on-exec; -1 is none. */
struct origin {
	int self; /* the caller's directory in its own /proc, good after /proc is replaced, too */
	int mnt;
	int pid;
	int root;
	int cwd;
	struct ns_id mnt_id;
	struct ns_id pid_id;
};

/* Opens the handles. Fails if /proc is not a procfs that knows the caller. */
int take_origin(struct origin *o, struct failure *why);

/* Closes the handles that only a roll back needs: all but mnt, pid and root. */
void settle_origin(struct origin *o);
void close_origin(struct origin *o);

/* Moves the caller to a new mount namespace with the given propagation and its next child to a new
 * PID namespace, and checks that this is so as far as it can be before that child exists. */
int enter_namespaces(const struct origin *o, const struct options *opt, struct ns_id *mnt,
                     struct failure *why);

/* Checks that children of the caller start in the PID namespace pid, which is not the caller's. */
int check_children(const struct origin *o, const struct ns_id *pid, struct failure *why);

/* Takes the caller out of a directory that the new mount namespace has not, such as the old /proc.
 */
int leave_lost_directory(struct failure *why);

/* Brings the caller back to the namespaces and the root directory it came from. The working
 * directory is o->cwd or, without one, that of the same name. Tries every step; reports the first
 * that failed. */
int return_to_origin(const struct origin *o, struct failure *why);

/* Keeps handles to the outside from the session: sets close-on-exec on inherited directories,
 * namespaces, pidfds and files of /proc; fails if one is standard input, output or error. */
int guard_descriptors(const struct origin *o, struct failure *why);

/* The namespace that path, relative to dir, stands for. */
int get_ns_id(int dir, const char *path, struct ns_id *id);
bool same_ns(const struct ns_id *a, const struct ns_id *b);

/* --- mounts.c ----------------------------------------------------------------------------------
 */

/* Checks in a mountinfo (5) file that no mount is shared and, for MS_PRIVATE, none is a slave. */
int check_propagation(int mountinfo, unsigned long propagation, struct failure *why);

/* In init: removes every procfs there is, mounts a new one at /proc and puts it where others were,
 * and checks the result. Mounts of other kinds below /proc are carried over. */
int replace_proc(const struct options *opt, struct failure *why);

/* --- init.c ------------------------------------------------------------------------------------
 */

/* Starts init and waits until it has set up and checked the session from inside, 5 s at most. mnt
 * is the caller's mount namespace; *pid receives the new PID namespace. Returns init's PID, or -1
 * with no process left. */
pid_t start_init(const struct options *opt, const struct origin *o, const struct ns_id *mnt,
                 struct ns_id *pid, struct failure *why);

/* Kills init, and with it everything in its namespace. Returns false if init is not ours to kill.
 */
bool kill_init(pid_t init);

/* Reaps a killed init: when it has been reaped no process of the session is left. Gives up after
 * timeout_ms, or as soon as only children that the application has yet to reap are in the way. */
bool reap_init(pid_t init, int timeout_ms);

/* --- shared ------------------------------------------------------------------------------------
 */

/* Fills in *why from errno; returns -1. Safe in a child of a threaded process. */
int fail(struct failure *why, const char *step, const char *where);

/* fail() with an errno of its own. */
int fail_with(struct failure *why, int err, const char *step, const char *where);

#endif
