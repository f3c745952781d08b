/* A session module that isolates nothing and kills every program named "session" 60 ms after a
 * session was opened: a session of several steps is cut short between two of them. For guests only.
 */
#include <security/pam_modules.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int pam_sm_open_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	struct timespec later = {0, 60000000};

	(void)h, (void)flags, (void)argc, (void)argv;
	if (fork() == 0) {
		nanosleep(&later, NULL);
		execl("/usr/bin/pkill", "pkill", "-KILL", "-x", "session", (char *)NULL);
		_exit(1);
	}
	return PAM_SUCCESS;
}

EXPORT int pam_sm_close_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
