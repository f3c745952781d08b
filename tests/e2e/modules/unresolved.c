/* A session module that calls a function which no library has. */
#include <security/pam_modules.h>

#define EXPORT __attribute__((visibility("default")))

int no_such_function(void);

EXPORT int pam_sm_open_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return no_such_function();
}

EXPORT int pam_sm_close_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
