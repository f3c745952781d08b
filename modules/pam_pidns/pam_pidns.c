/* The entry points, their options, and the session that is open in this process. */
#include "pam_pidns.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define EXPORT    PAM_EXTERN __attribute__((visibility("default")))
#define DATA_NAME "pam_pidns_session"

struct failure failure;

/* The one session of this process: the kernel lets a process that has made a PID namespace for its
 * children make no other. */
static struct session session;

/* --- options -----------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	size_t slot;
	bool has_value;
} known[] = {
#define OPTION(name, has_value)                                                                    \
	{                                                                                          \
#name, offsetof(struct options, name), has_value                                   \
	}
    OPTION(debug, false),           OPTION(propagation, true),       OPTION(hidepid, true),
    OPTION(subset, true),           OPTION(exempt_user, true),       OPTION(exempt_group, true),
    OPTION(private_tmp, false),     OPTION(private_terminal, false), OPTION(readonly_cgroup, false),
    OPTION(keep_background, false),
};

/* Takes an argument that is known, is there for the first time, and has a value if it needs one. */
static bool take(const char *arg, struct options *o)
{
	size_t n = strcspn(arg, "=");

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char **slot = (const char **)((char *)o + known[i].slot);

		if (strlen(known[i].name) != n || strncmp(known[i].name, arg, n) != 0)
			continue;
		if (*slot || known[i].has_value != (arg[n] && arg[n + 1]))
			return false;
		*slot = known[i].has_value ? arg + n + 1 : arg;
		return slot != &o->propagation || !strcmp(*slot, "private") ||
		       !strcmp(*slot, "slave");
	}
	return false;
}

static int parse_options(pam_handle_t *pamh, int argc, const char **argv, struct options *o)
{
	*o = (struct options){0};
	for (int i = 0; i < argc; i++) {
		if (take(argv[i], o))
			continue;
		pam_syslog(
		    pamh, LOG_ERR,
		    "refusing the session: option \"%s\" is unknown, repeated or has no such "
		    "value",
		    argv[i]);
		return -1;
	}
	return 0;
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

/* --- the session -------------------------------------------------------------------------------
 */

int fail_with(int err, const char *step, const char *where)
{
	failure = (struct failure){.err = err};
	strncpy(failure.step, step, sizeof(failure.step) - 1);
	strncpy(failure.where, where, sizeof(failure.where) - 1);
	return -1;
}

int fail(const char *step, const char *where)
{
	return fail_with(errno ? errno : EPROTO, step, where); /* 0 would read as success */
}

/* Not pam_syslog: the fork handlers have no PAM handle that is sure to be good. */
static void log_failure(const char *what)
{
	syslog(LOG_AUTHPRIV | LOG_ERR, "pam_pidns: %s: cannot %s%s%s: %s", what, failure.step,
	       *failure.where ? " " : "", failure.where, strerror(failure.err));
}

/* Makes the session that session.opt asks for. On failure nothing is left of it. */
static int begin_session(void)
{
	if (make_session(&session) == 0)
		return 0;
	log_failure("refusing the session");
	session.owner = 0;
	if (leave_session(&session, false) == -1)
		log_failure("rolling back");
	return -1;
}

/* The three handlers of fork(3), in the order in which they are called. */
static void before_fork(void)
{
	if (session.owner != getpid())
		return;
	/* A later module gave the caller other mounts, as pam_namespace(8) does, or another root:
	 * the session is made anew with these. Should that fail, there is no application any more
	 * that could run something outside. */
	if (is_elsewhere(&session)) {
		close(session.fd[OLD_MOUNTS]);
		session.fd[OLD_MOUNTS] = -1;
		if (leave_session(&session, false) == -1 || begin_session() == -1)
			_exit(1);
	}
	admit_children(&session); /* else fork fails */
}

static void after_fork(void)
{
	if (session.owner == getpid() && refuse_children(&session) == -1)
		signal_init(session.init, SIGKILL); /* which has the same effect */
}

static void in_child(void)
{
	if (!session.owner)
		return;
	session.owner = 0; /* the way back is for the owner only */
	if (join_session(&session) == -1 ||
	    (session.opt.private_terminal && take_terminal(session.opt.uid) == -1)) {
		log_failure("refusing the session");
		_exit(1);
	}
}

/* Ends the session and brings the caller back. Returns PAM_SUCCESS or PAM_SYSTEM_ERR. */
static int end_session(void)
{
	if (session.owner != getpid())
		return PAM_SUCCESS;
	session.owner = 0;
	if (leave_session(&session, session.opt.keep_background) == 0)
		return PAM_SUCCESS;
	log_failure("closing");
	return PAM_SYSTEM_ERR;
}

/* Called by pam_end(3), which applications call in the child, too, and after a failed login without
 * pam_close_session(3). Who the owner is says which of them it is; PAM_DATA_SILENT does not:
 * sudo(8) sets it in both. */
static void clean_up(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh, (void)data, (void)status;
	end_session();
}

/* --- entry points: failures are PAM_SYSTEM_ERR; sudo(8) runs the command after PAM_SESSION_ERR -
 */

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static bool
	    watching; /* the C library takes the handlers back when the module is unloaded */
	const char *user = NULL;
	struct passwd *pw = NULL;
	struct options opt;

	(void)flags;
	if (parse_options(pamh, argc, argv, &opt) == -1)
		return PAM_SYSTEM_ERR;
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || !user || !*user ||
	    (opt.private_terminal && !(pw = pam_modutil_getpwnam(pamh, user)))) {
		pam_syslog(pamh, LOG_ERR, "refusing the session: the user is not known");
		return PAM_SYSTEM_ERR;
	}
	if (is_in(pamh, user, opt.exempt_user, false) ||
	    is_in(pamh, user, opt.exempt_group, true)) {
		pam_syslog(pamh, LOG_INFO, "no namespaces for %s, who is exempt", user);
		return PAM_SUCCESS;
	}
	if (session.owner == getpid()) {
		pam_syslog(pamh, LOG_ERR,
		           "refusing the session: one is open in this process already; is the "
		           "module in the stack twice?");
		return PAM_SYSTEM_ERR;
	}
	if (!watching && pthread_atfork(before_fork, after_fork, in_child) != 0)
		return PAM_SYSTEM_ERR;
	watching = true;
	opt.uid = pw ? pw->pw_uid : 0;
	session = (struct session){.opt = opt};
	if (begin_session() == -1)
		return PAM_SYSTEM_ERR;
	if (pam_set_data(pamh, DATA_NAME, &session, clean_up) != PAM_SUCCESS) {
		end_session();
		return PAM_SYSTEM_ERR;
	}
	if (opt.debug)
		pam_syslog(pamh, LOG_DEBUG, "init is process %d", (int)session.init);
	return PAM_SUCCESS;
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return end_session();
}
