/* Who a program runs as. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/account.h"
#include "probe/probe.h"

#define MAX_GROUPS 64

/* initgroups() needs NSS, which a static program has not got. */
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

int become_user(const char *name)
{
	const struct passwd *user = account_find(name);
	gid_t groups[MAX_GROUPS];
	uid_t uid;

	if (!user) {
		fprintf(stderr, "probe: no user '%s' in /etc/passwd\n", name);
		return -1;
	}
	uid = user->pw_uid;
	groups[0] = user->pw_gid;
	if (setgroups(find_groups(name, groups, 1), groups) < 0 ||
	    setresgid(groups[0], groups[0], groups[0]) < 0 || setresuid(uid, uid, uid) < 0) {
		fprintf(stderr, "probe: become %s: %s\n", name, strerror(errno));
		return -1;
	}
	return 0;
}
