/* The user's program where the application starts none: pam_exec in the stack of pamtester runs
 * this at open_session, as root (pam_exec(8)); it becomes the user and goes on as the session. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"

#define MAX_GROUPS 64

/* getpwnam() and initgroups() need NSS, which a static program has not got. */
static const struct passwd *find_user(const char *name)
{
	cleanup_file FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *p;

	while (f && (p = fgetpwent(f)))
		if (strcmp(p->pw_name, name) == 0)
			return p;
	return NULL;
}

static size_t find_groups(const char *name, gid_t *groups, size_t n)
{
	cleanup_file FILE *f = fopen("/etc/group", "re");
	const struct group *g;

	while (f && n < MAX_GROUPS && (g = fgetgrent(f)))
		for (char **m = g->gr_mem; *m; m++)
			if (strcmp(*m, name) == 0) {
				groups[n++] = g->gr_gid;
				break;
			}
	return n;
}

int run_session_exec(int argc, char **argv)
{
	const char *type = getenv("PAM_TYPE"), *name = getenv("PAM_USER");
	const struct passwd *user;
	gid_t groups[MAX_GROUPS];
	uid_t uid;

	if (!type || strcmp(type, "open_session") != 0)
		return 0;
	user = name ? find_user(name) : NULL;
	if (!user) {
		fprintf(stderr, "session-exec: no user '%s' in /etc/passwd\n", name ? name : "");
		return EXIT_FAULT;
	}
	uid = user->pw_uid;
	groups[0] = user->pw_gid;
	if (setgroups(find_groups(name, groups, 1), groups) < 0 ||
	    setresgid(groups[0], groups[0], groups[0]) < 0 || setresuid(uid, uid, uid) < 0) {
		fprintf(stderr, "session-exec: become %s: %s\n", name, strerror(errno));
		return EXIT_FAULT;
	}
	/* A change of uid makes a process unreadable to its own user (prctl(2)): an exec, which is
	 * how a user's program starts everywhere else, would have undone that. */
	prctl(PR_SET_DUMPABLE, 1);
	return run_session(argc, argv);
}
