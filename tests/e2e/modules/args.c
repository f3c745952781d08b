/* A session module that opens a session only if it has these two arguments. */
#include <security/pam_modules.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int pam_sm_open_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags;
	return argc == 2 && !strcmp(argv[0], "one") && !strcmp(argv[1], "two words ]")
	           ? PAM_SUCCESS
	           : PAM_SESSION_ERR;
}

EXPORT int pam_sm_close_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
