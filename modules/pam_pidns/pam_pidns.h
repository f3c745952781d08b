/* pam_pidns: a private PID and mount namespace with a /proc of its own for each session. The
 * caller, the application's process that opens the session, stays where it is. init, its child, is
 * process 1 of the PID namespace and makes the mounts. Other children move into both while forked.
 */
#ifndef PAM_PIDNS_H
#define PAM_PIDNS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the PAM configuration asks for: the value after "=", for a flag its name; or NULL. */
struct options {
	const char *propagation, *hidepid, *subset, *exempt_user, *exempt_group;
	const char *private_tmp, *private_terminal, *private_keyring, *readonly_cgroup;
	const char *keep_background;
};

/* What stat(2) tells files, and namespaces, apart by; ino 0 is none. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* The descriptors of a session, close-on-exec; -1 is none. */
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
	struct options opt;
	uid_t uid;           /* of the user */
	pid_t owner, thread; /* who opened it; owner is 0 where there is none, and in children */
	pid_t init;
	int fd[HANDLES];
	dev_t proc;               /* the new /proc */
	struct file_id mnt, root; /* where the caller was when all was set up */
};

/* Every function that can fail returns -1. What failed is said here, once: there is one session in
 * a process. TRY and DEMAND return -1 from the function that they stand in. */
extern struct failure {
	int err;
	char step[80], where[120];
} failure;
int fail(int err, const char *step, const char *where);

#define TRY_TO(call, step, where)                                                                  \
	do {                                                                                       \
		if ((call) == -1)                                                                  \
			return fail(errno, step, where);                                           \
	} while (0)
#define TRY(call)           TRY_TO(call, #call, "")
#define TRY_AT(call, where) TRY_TO(call, #call, where)
#define DEMAND(ok, what)    TRY_TO((ok) ? 0 : (errno = EPROTO, -1), "find that", what)

/* namespace.c. make_session makes a session around nobody: namespaces and init, set up and checked
 * from inside. Afterwards the caller's children start nowhere, until start_children says INSIDE.
 * join_session, in a child, enters the session's mounts and checks that it is in the session.
 * leave_session ends the session, or with keep_background leaves it alone until all in it has
 * ended, and brings the caller back; also after a make_session that failed. */
int make_session(struct session *s);
int start_children(const struct session *s, enum handle where);
int join_session(struct session *s);
int leave_session(struct session *s, bool keep_background);

#define NS_MNT "/proc/thread-self/ns/mnt"
/* What path or, if it is "", fd stands for, or none; whether two are known and the same. */
struct file_id identify(int fd, const char *path);
bool is_same(struct file_id a, struct file_id b);

/* mounts.c. unshare_mounts moves the calling process to a mount namespace of its own from which
 * nothing propagates; make_mounts does so in init; replace mounts a file system that is not the
 * one there was. */
int unshare_mounts(const struct options *opt);
int make_mounts(const struct options *opt);
int replace(const char *type, const char *point, unsigned long flags, const char *data);

/* inherit.c, in a child. guard_descriptors sees that none leads out of the session, forget_pids
 * takes process numbers (SSH_AGENT_PID) out of the environment, and take_keyring goes on with a
 * session keyring of the user's own, as pam_keyinit(8) does, unless it has one. */
int guard_descriptors(void);
void forget_pids(void);
int take_keyring(uid_t uid);

/* terminal.c. In a child: goes on in a session, and if it has a terminal on one, of its own. */
int take_terminal(uid_t uid);

/* init.c. start_init waits for init's report, 5 s at most; if it fails there may be an init, too.
 * signal_init does nothing if init is not ours to signal. Once a killed init is reaped nothing is
 * left; reap_init gives up after 2 s, or when the application has children to reap itself. */
int start_init(const struct options *opt, pid_t *init);
void signal_init(pid_t init, int sig);
void reap_init(pid_t init);

/* Becomes a process of root's that the user cannot signal or look into. The name has to last. */
int become_helper(char *name);

#endif
