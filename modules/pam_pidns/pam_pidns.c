/* The entry points, and the session that is open in this process. */
#include "pam_pidns.h"

#include <errno.h>
#include <pthread.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define EXPORT    PAM_EXTERN __attribute__((visibility("default")))
#define DATA_NAME "pam_pidns_session"
#define REAP_MS   2000

/* The one session of this process: the kernel lets a process that has made a PID namespace for its
 * children make no other. owner is 0 where there is none, and in children. */
static struct {
	pid_t owner;
	pid_t init;
	struct origin origin;
	bool debug;
} session;

static void log_failure(pam_handle_t *pamh, int priority, const char *what, const struct failure *f)
{
	pam_syslog(pamh, priority, "%s: cannot %s%s%s: %s", what, f->step, *f->where ? " " : "",
	           f->where, strerror(f->err));
}

/* In a child of the application. The way back is for the owner only: sshd(8) runs the user's side
 * of a connection in a child that never calls exec, where close-on-exec would not help. */
static void forget_session(void)
{
	if (session.owner)
		close_origin(&session.origin);
	session.owner = 0;
}

/* Runs forget_session in each child. The C library takes it back when the module is unloaded. */
static int watch_forks(struct failure *why)
{
	static bool watching;
	int err = watching ? 0 : pthread_atfork(NULL, NULL, forget_session);

	if (err)
		return fail_with(why, err, "watch for forks", "");
	watching = true;
	return 0;
}

/* Ends all of the session and brings the caller back. Returns PAM_SUCCESS or PAM_SYSTEM_ERR. */
static int end_session(pam_handle_t *pamh)
{
	struct failure why;
	int rc = PAM_SUCCESS;

	if (session.owner != getpid())
		return PAM_SUCCESS;
	session.owner = 0;
	if (!kill_init(session.init))
		pam_syslog(pamh, LOG_WARNING, "closing: init (process %d) was not there any more",
		           (int)session.init);
	if (return_to_origin(&session.origin, &why) == -1) {
		log_failure(pamh, LOG_ERR, "closing", &why);
		rc = PAM_SYSTEM_ERR;
	}
	close_origin(&session.origin);
	if (!reap_init(session.init, REAP_MS) && session.debug)
		pam_syslog(pamh, LOG_DEBUG,
		           "init ends when the application has waited for its children");
	return rc;
}

/* Called by pam_end(3), which applications call in the child, too, and after a failed login without
 * pam_close_session(3). Who the owner is says which of them it is; PAM_DATA_SILENT does not:
 * sudo(8) sets it in both. */
static void clean_up(pam_handle_t *pamh, void *data, int status)
{
	(void)data, (void)status;
	end_session(pamh);
}

/* Everything between the caller's own namespaces and an open session. */
static int begin_session(pam_handle_t *pamh, const struct options *opt, struct origin *o,
                         pid_t *init, struct failure *why)
{
	struct ns_id mnt, pid;

	if (enter_namespaces(o, opt, &mnt, why) == -1)
		return -1;
	if ((*init = start_init(opt, o, &mnt, &pid, why)) == -1)
		return -1;
	if (check_children(o, &pid, why) == -1 || leave_lost_directory(why) == -1 ||
	    guard_descriptors(o, why) == -1 || watch_forks(why) == -1)
		return -1;
	if (pam_set_data(pamh, DATA_NAME, &session, clean_up) != PAM_SUCCESS)
		return fail_with(why, ENOMEM, "keep the session's data", "");
	return 0;
}

static int open_session(pam_handle_t *pamh, const struct options *opt)
{
	struct failure why, worse;
	struct origin origin;
	pid_t init = -1;

	if (session.owner == getpid()) {
		pam_syslog(pamh, LOG_ERR,
		           "refusing the session: one is open in this process already; is the "
		           "module in the stack twice?");
		return PAM_SYSTEM_ERR;
	}
	if (take_origin(&origin, &why) == -1) {
		log_failure(pamh, LOG_ERR, "refusing the session", &why);
		close_origin(&origin);
		return PAM_SYSTEM_ERR;
	}
	if (begin_session(pamh, opt, &origin, &init, &why) == -1) {
		log_failure(pamh, LOG_ERR, "refusing the session", &why);
		if (init > 0) {
			kill_init(init);
			reap_init(init, REAP_MS);
		}
		if (return_to_origin(&origin, &worse) == -1)
			log_failure(pamh, LOG_CRIT, "rolling back", &worse);
		close_origin(&origin);
		return PAM_SYSTEM_ERR;
	}
	settle_origin(&origin);
	session.origin = origin;
	session.init = init;
	session.debug = opt->debug;
	session.owner = getpid();
	if (opt->debug)
		pam_syslog(pamh, LOG_DEBUG, "init is process %d", (int)init);
	return PAM_SUCCESS;
}

/* Failures are PAM_SYSTEM_ERR, all of them: sudo(8) runs the command in spite of PAM_SESSION_ERR.
 */
EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;
	struct options opt;

	(void)flags;
	if (parse_options(pamh, argc, argv, &opt) == -1)
		return PAM_SYSTEM_ERR;
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || !user || !*user) {
		pam_syslog(pamh, LOG_ERR, "refusing the session: the user's name is not known");
		return PAM_SYSTEM_ERR;
	}
	if (is_exempt(pamh, &opt, user)) {
		pam_syslog(pamh, LOG_INFO, "no namespaces for %s, who is exempt", user);
		return PAM_SUCCESS;
	}
	return open_session(pamh, &opt);
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags, (void)argc, (void)argv;
	return end_session(pamh);
}
