/* The user's program where the application starts none: pam_exec in the stack of pamtester runs
 * this at open_session, as root (pam_exec(8)); it becomes the user and goes on as the session. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "probe/probe.h"

int run_session_exec(int argc, char **argv)
{
	const char *type = getenv("PAM_TYPE"), *name = getenv("PAM_USER");

	if (!type || strcmp(type, "open_session") != 0)
		return 0;
	if (become_user(name ? name : "") < 0)
		return EXIT_FAULT;
	/* A change of uid makes a process unreadable to its own user (prctl(2)): an exec, which is
	 * how a user's program starts everywhere else, would have undone that. */
	prctl(PR_SET_DUMPABLE, 1);
	return run_session(argc, argv);
}
