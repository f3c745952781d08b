/* pam_basic: logs that a session was opened and closed, and does nothing else.
 *
 * The control of the lab: a well-formed session module without any effect. It promises what a
 * module for private namespaces promises, so that every scenario which passes here too is shown to
 * prove nothing. */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stddef.h>
#include <syslog.h>

static int log_event(pam_handle_t *pamh, const char *event)
{
	const void *user = NULL;
	int rc = pam_get_item(pamh, PAM_USER, &user);

	if (rc != PAM_SUCCESS || !user) {
		pam_syslog(pamh, LOG_ERR, "session %s: the user's name is not known", event);
		return PAM_SYSTEM_ERR;
	}
	pam_syslog(pamh, LOG_INFO, "session %s for %s", event, (const char *)user);
	return PAM_SUCCESS;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags, (void)argc, (void)argv;
	return log_event(pamh, "opened");
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags, (void)argc, (void)argv;
	return log_event(pamh, "closed");
}
