/* A session module whose constructor writes a file: it shows where the module was loaded. */
#include <fcntl.h>
#include <security/pam_modules.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

__attribute__((constructor)) static void mark(void)
{
	close(open("/tmp/pamlab-e2e-was-loaded", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* The session opens if the constructor has run, so that the test sees it run in the guest. */
EXPORT int pam_sm_open_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return access("/tmp/pamlab-e2e-was-loaded", F_OK) == 0 ? PAM_SUCCESS : PAM_SESSION_ERR;
}

EXPORT int pam_sm_close_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
