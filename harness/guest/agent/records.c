/* What is recorded of a session outside of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

#include "boot.h"
#include "common/account.h"
#include "common/json_line.h"
#include "report.h"
#include "session.h"
#include "truth.h"

/* Is the process that a record names the user's, or one that a process of the user's comes from? A
 * pid of the session's own namespace is small, and names none outside or one that has been there
 * since boot: process 1, or a thread of the kernel. Of who has no account here, as the victims'
 * records have it, only that is asked. */
static bool is_of(const struct proc_info *procs, size_t n, const struct proc_info *named,
                  const char *user)
{
	const struct passwd *account = account_find(user);

	if (!named || named->pid == 1 || named->kthread)
		return false;
	for (size_t i = 0; account && i < n; i++) {
		const struct proc_info *p = &procs[i];

		if (p->uid != account->pw_uid)
			continue;
		while (p && p->pid != named->pid)
			p = procfs_find(procs, n, p->ppid);
		if (p)
			return true;
	}
	return !account;
}

/* utmp(5): records of users who are logged in. */
static void observe_utmp(const struct proc_info *procs, size_t n)
{
	json_t *users = json_array(), *unknown = json_array();
	int fd = open("/run/utmp", O_RDONLY | O_CLOEXEC);
	struct utmpx u;

	while (fd >= 0 && read(fd, &u, sizeof(u)) == sizeof(u)) {
		const struct proc_info *named;
		json_t *name;

		if (u.ut_type != USER_PROCESS)
			continue;
		name = json_line_stringn(u.ut_user, strnlen(u.ut_user, sizeof(u.ut_user)));
		named = procfs_find(procs, n, u.ut_pid);
		if (!is_of(procs, n, named, json_string_value(name)))
			json_array_append_new(
			    unknown, json_sprintf("%s: %d %s", json_string_value(name),
			                          (int)u.ut_pid, named ? named->comm : "is none"));
		json_array_append_new(users, name);
	}
	if (fd >= 0)
		close(fd);
	observe("host.during.", "utmp_users", users);
	observe("host.during.", "utmp_unknown", unknown);
}

static json_t *loginuid_of(pid_t pid)
{
	char path[64];
	char *text;
	json_t *value;

	snprintf(path, sizeof(path), "%d/loginuid", pid);
	text = procfs_file_at(truth_proc_fd, path, NULL);
	value = text ? json_integer(strtoll(text, NULL, 10)) : json_null();
	free(text);
	return value;
}

void records_observe(const struct proc_info *procs, size_t n, const struct proc_info *session)
{
	if (truth_wanted("host.during.", "utmp_users") ||
	    truth_wanted("host.during.", "utmp_unknown"))
		observe_utmp(procs, n);
	if (truth_wanted("host.during.", "session_loginuid"))
		observe("host.during.", "session_loginuid",
		        session ? loginuid_of(session->pid) : json_null());
}
