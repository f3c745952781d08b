/* pam_pidns: a private PID and mount namespace with a /proc of its own for each session.
 *
 * Who is who: the caller is the application's process that opens the session. It stays where it is.
 * init is process 1 of the session's PID namespace, a child of the caller made here; it makes the
 * session's mounts. The caller's children move into both namespaces while they are forked.
 */
#ifndef PAM_PIDNS_H
#define PAM_PIDNS_H

#include <stdbool.h>
#include <sys/types.h>

/* What the PAM configuration asks for: the value after "=", for a flag its name; NULL is not given.
 * Strings belong to the configuration. */
struct options {
	const char *debug, *propagation, *hidepid, *subset, *exempt_user, *exempt_group;
	const char *private_tmp, *private_terminal, *readonly_cgroup, *keep_background;
	uid_t uid; /* of the session's user */
};

/* What stat(2) tells files, and namespaces, apart by. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* What a session holds: descriptors, close-on-exec, -1 is none. */
enum handle {
	OUTSIDE,    /* the caller's own PID namespace */
	CLOSED,     /* a PID namespace whose init is dead: nothing can be started in it */
	INSIDE,     /* the session's PID namespace */
	MOUNTS,     /* its mount namespace, */
	ROOT,       /* and the caller's root directory there */
	OLD_MOUNTS, /* private_terminal: the mount namespace that the caller comes from, */
	OLD_ROOT,   /* and its root directory there */
	HANDLES
};

struct session {
	pid_t owner, thread; /* who opened it; owner is 0 where there is none, and in children */
	pid_t init;
	int fd[HANDLES];
	dev_t proc;               /* the new /proc */
	struct file_id mnt, root; /* where the caller was when all was set up */
	struct options opt;
};

/* Every function that can fail returns -1, and says in failure what failed. The module has one
 * session in a process, and so one failure; only pam_pidns.c logs it. */
extern struct failure {
	int err;
	char step[64], where[128];
} failure;

/* Fills in failure from errno; returns -1. Safe in a child of a threaded process. */
int fail(const char *step, const char *where);
int fail_with(int err, const char *step, const char *where);

/* --- namespace.c: who is where when ------------------------------------------------------------
 */

/* Makes a session around nobody: namespaces and init, set up and checked from inside. Afterwards
 * the caller can start nothing but between admit_children and refuse_children. leave_session undoes
 * it, whether it failed or not. */
int make_session(struct session *s);

/* Ends the session, or with keep_background leaves it alone until all in it has ended, and brings
 * the caller back to where it was. Tries every step. */
int leave_session(struct session *s, bool keep_background);

/* Whether a module that came later gave the caller other mounts or another root directory. */
bool is_elsewhere(const struct session *s);

/* The caller's next children start in the session's PID namespace; nowhere. */
int admit_children(const struct session *s);
int refuse_children(const struct session *s);

/* In a child: enters the session's mounts and checks that it is in the session. */
int join_session(struct session *s);

/* The file that path stands for; fd itself if path is "". */
int identify(int fd, const char *path, struct file_id *id);
bool is_same(const struct file_id *a, const struct file_id *b);

/* --- descriptors.c -----------------------------------------------------------------------------
 */

/* Keeps handles to the outside from the session: sets close-on-exec on inherited directories,
 * namespaces, pidfds and files of /proc; fails if one is standard input, output or error. */
int guard_descriptors(void);

/* --- mounts.c ----------------------------------------------------------------------------------
 */

/* Moves the calling process to a mount namespace of its own from which nothing propagates. */
int unshare_mounts(const struct options *opt);
int replace_devpts(void);

/* In init: unshares, and makes the session's mounts. proc receives the new procfs. */
int make_mounts(const struct options *opt, dev_t *proc);

/* --- terminal.c --------------------------------------------------------------------------------
 */

/* In a child: goes on in a session, and on a terminal if it has one, that are not the caller's. */
int take_terminal(uid_t uid);

/* --- init.c ------------------------------------------------------------------------------------
 */

/* What init tells the caller, once. */
struct report {
	unsigned magic;
	struct file_id pid, mnt; /* its namespaces */
	dev_t proc;
	struct failure failure; /* err 0: the session is set up and checked */
};

/* Starts init and waits for its report, 5 s at most. Returns its PID, or -1 with no process left.
 */
pid_t start_init(const struct options *opt, struct report *r);

/* Signals init, if it is ours to signal. */
void signal_init(pid_t init, int sig);

/* Reaps a killed init: when it has been reaped no process of the session is left. Gives up after 2
 * s, or as soon as only children that the application has yet to reap are in the way. */
void reap_init(pid_t init);

/* Becomes a process of root's that the user can neither signal nor look into, by the name given,
 * which has to last. */
int become_helper(char *name);

#endif
