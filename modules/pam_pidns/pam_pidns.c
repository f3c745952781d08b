/* The entry points, their options, and the session that is open in this process. */
#include "pam_pidns.h"

#include <pthread.h>
#include <pwd.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <syslog.h>

#define EXPORT PAM_EXTERN __attribute__((visibility("default")))

/* As in struct options. */
static const char *const names[] = {
    "propagation=", "hidepid=",         "subset=",         "exempt_user=",    "exempt_group=",
    "private_tmp",  "private_terminal", "private_keyring", "readonly_cgroup", "keep_background"};
_Static_assert(sizeof(names) == sizeof(struct options), "each option has a name");

struct failure failure;

/* The one session of this process: the kernel lets a process that has made a PID namespace for its
 * children make no other. */
static struct session session;

/* Takes an argument that is known, is there for the first time, and has a value if it needs one. */
static bool take_option(const char *arg, struct options *opt)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char **slot = (const char **)opt + i;
		size_t n = strlen(names[i]);
		bool has_value = names[i][n - 1] == '=';

		if (strncmp(arg, names[i], n) == 0 && has_value == !!arg[n])
			return !*slot && (*slot = has_value ? arg + n : arg);
	}
	return false;
}

/* Whether the user is in a comma-separated list of users, or a member of a group in one. */
static bool is_in(pam_handle_t *pamh, const char *user, const char *list, bool groups)
{
	char *copy = list ? strdup(list) : NULL, *rest = copy, *name;
	bool found = false;

	while (!found && (name = strsep(&rest, ",")))
		found = groups ? pam_modutil_user_in_group_nam_nam(pamh, user, name) == 1
		               : !strcmp(user, name);
	free(copy);
	return found;
}

int fail(int err, const char *step, const char *where)
{
	if (!failure.err) {
		strncpy(failure.step, step, sizeof(failure.step) - 1);
		strncpy(failure.where, where, sizeof(failure.where) - 1);
		failure.err = err ? err : EPROTO; /* 0 would read as success */
	}
	return -1;
}

/* Not pam_syslog: the fork handlers have no PAM handle that is sure to be good. */
static int log_failure(const char *what)
{
	syslog(LOG_AUTHPRIV | LOG_ERR, "pam_pidns: %s: cannot %s %s: %s", what, failure.step,
	       failure.where, strerror(failure.err));
	failure = (struct failure){0};
	return PAM_SYSTEM_ERR; /* in spite of PAM_SESSION_ERR sudo(8) runs the command */
}

/* Makes the session that session.opt asks for. On failure nothing is left of it. */
static int begin_session(void)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if ((rc = make_session(&session)) == -1) {
		log_failure("refusing the session");
		session.owner = 0;
		if (leave_session(&session, false) == -1)
			log_failure("rolling back");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	if (session.owner != getpid())
		return PAM_SUCCESS;
	session.owner = 0;
	failure.err = 0;
	return leave_session(&session, session.opt.keep_background) == 0 ? PAM_SUCCESS
	                                                                 : log_failure("closing");
}

/* For pam_end(3), which applications call without pam_close_session(3), and also in the child:
 * there nobody is the owner. PAM_DATA_SILENT does not tell, as sudo(8) sets it in both. */
static void clean_up(pam_handle_t *pamh, void *data, int status)
{
	(void)data, (void)status;
	pam_sm_close_session(pamh, 0, 0, NULL);
}

/* The three handlers of fork(3), in the order in which they are called. */
static void before_fork(void)
{
	if (session.owner != getpid())
		return;
	/* A later module gave the caller other mounts, as pam_namespace(8) does, or another root:
	 * the session is made anew with these, or the application must not go on. */
	if (!is_same(session.mnt, identify(AT_FDCWD, NS_MNT)) ||
	    !is_same(session.root, identify(AT_FDCWD, "/"))) {
		close(session.fd[OLD_MOUNTS]);
		session.fd[OLD_MOUNTS] = -1;
		if (leave_session(&session, false) == -1 || begin_session() == -1)
			_exit(1);
	}
	start_children(&session, INSIDE); /* else fork fails */
}

static void after_fork(void)
{
	/* Other threads are none of ours, though what they start by fork(3) is in the session. */
	if (session.owner == getpid() &&
	    start_children(&session, gettid() == session.thread ? CLOSED : OUTSIDE) == -1)
		signal_init(session.init, SIGKILL); /* which has the same effect */
}

static void in_child(void)
{
	if (!session.owner)
		return;
	session.owner = 0; /* the way back is for the owner only */
	failure.err = 0;
	forget_pids();
	if (join_session(&session) == -1 ||
	    (session.opt.private_keyring && take_keyring(session.uid) == -1) ||
	    (session.opt.private_terminal && take_terminal(session.uid) == -1))
		_exit(log_failure("refusing the session"));
}

static int refuse(const char *step, const char *where)
{
	fail(EINVAL, step, where);
	return log_failure("refusing the session");
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static bool watching; /* until the module is unloaded */
	struct session s = {.init = 0};
	const char *user = NULL;
	struct passwd *pw = NULL;

	(void)flags;
	failure.err = 0;
	for (int i = 0; i < argc; i++)
		if (!take_option(argv[i], &s.opt))
			return refuse("take the option", argv[i]);
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || !user || !*user ||
	    ((s.opt.private_terminal || s.opt.private_keyring) &&
	     !(pw = pam_modutil_getpwnam(pamh, user))))
		return refuse("find out who the user is", "");
	if (is_in(pamh, user, s.opt.exempt_user, false) ||
	    is_in(pamh, user, s.opt.exempt_group, true))
		return PAM_SUCCESS;
	if (session.owner == getpid())
		return refuse("open two in a process", "(the module is in the stack twice?)");
	watching = watching || pthread_atfork(before_fork, after_fork, in_child) == 0;
	if (!watching || pam_set_data(pamh, "pam_pidns", &session, clean_up) != PAM_SUCCESS)
		return refuse("keep the session", "");
	session = s;
	session.uid = pw ? pw->pw_uid : 0;
	return begin_session() == -1 ? PAM_SYSTEM_ERR : PAM_SUCCESS;
}
