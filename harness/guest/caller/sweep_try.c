#include "sweep_try.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "after.h"
#include "cleanup.h"
#include "common/case_files.h"
#include "common/procfs.h"
#include "state.h"
#include "sweep_calls.h"

static ino_t namespace(const char *which)
{
	struct stat st = {0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", which);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static int count_procfs(void)
{
	cleanup_free char *table = procfs_file_at(AT_FDCWD, "/proc/self/mountinfo", NULL);
	int n = 0;

	for (const char *p = table; p && (p = strstr(p, " - proc ")); p++)
		n++;
	return n;
}

/* Is one of the victims there? They have pids that no session's process has. */
static bool sees_victim(void)
{
	FILE *f = fopen(CASE_VICTIMS, "re");
	bool seen = false;
	int pid;

	while (f && fscanf(f, "%*s %d %*d %*s", &pid) == 1) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d", pid);
		seen |= access(path, F_OK) == 0 || kill(pid, 0) == 0;
	}
	if (f)
		fclose(f);
	return seen;
}

/* What the first process of a session looks for; "" if all is right. */
static const char *what_is_wrong(ino_t pidns, ino_t mntns)
{
	char self[16] = "";

	if (readlink("/proc/self", self, sizeof(self) - 1) < 0 || atoi(self) != getpid())
		return "no /proc of its own";
	if (namespace("pid") == pidns)
		return "no PID namespace of its own";
	if (namespace("mnt") == mntns)
		return "no mount namespace of its own";
	if (sees_victim())
		return "processes outside";
	return count_procfs() == 1 ? "" : "another procfs";
}

static void note_change(struct try_result *r, const char *name)
{
	size_t n = strlen(r->changed);

	snprintf(r->changed + n, sizeof(r->changed) - n, "%s%s", n ? "," : "", name);
}

/* The application as it is now, compared with how it was. */
static void look_after(struct try_result *r, const json_t *before)
{
	struct after after;
	json_t *name;
	size_t i;

	after_look(before, &after);
	json_array_foreach(after.changed, i, name) note_change(r, json_string_value(name));
	if (strcmp(after.children, "none") != 0)
		note_change(r, "children");
	if (!after.can_fork)
		note_change(r, "no-fork");
	json_decref(after.changed);
}

static void open_and_close(struct try_result *r, pam_handle_t *pamh, unsigned stay_ms)
{
	ino_t pidns = namespace("pid"), mntns = namespace("mnt");
	json_t *before = state_take();
	pid_t pid;
	int rc;

	r->began = true;
	r->phase = OPENING;
	rc = pam_open_session(pamh, 0);
	if (rc == PAM_SUCCESS) {
		r->forking = true;
		pid = fork();
		if (pid == 0) {
			r->phase = LOOKING;
			r->opened = true;
			snprintf(r->exposed, sizeof(r->exposed), "%s", what_is_wrong(pidns, mntns));
			usleep(stay_ms * 1000);
			r->finished = true;
			_exit(0);
		}
		r->forked = true;
		if (pid > 0)
			waitpid(pid, NULL, 0);
		r->vain = !r->opened;
		r->phase = CLOSING;
		r->forked = false;
		rc = pam_close_session(pamh, 0);
	}
	r->phase = AFTER;
	pam_end(pamh, rc);
	look_after(r, before);
	json_decref(before);
}

/* Until the supervisor has taken the descriptor, and said so by closing its end. */
static _Noreturn void run_copy(const struct try *t, pam_handle_t *pamh, int out, int in)
{
	int listener;
	char byte;

	if (state_prepare() < 0)
		_exit(1);
	listener = sweep_calls_watch(t->watch);
	if (listener < 0 || write(out, &listener, sizeof(listener)) != sizeof(listener))
		_exit(1);
	close(out);
	/* read(2) is answered, too, from when it has the descriptor. */
	if (read(in, &byte, 1) < 0)
		_exit(1);
	close(in);
	close(listener);
	open_and_close(t->shared, pamh, t->stay_ms);
	_exit(0);
}

static int take_listener(pid_t pid, int from)
{
	int theirs, pidfd, ours;

	if (read(from, &theirs, sizeof(theirs)) != sizeof(theirs)) {
		errno = ECHILD;
		return -1;
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	ours = (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
	close(pidfd);
	return ours;
}

int try_start(struct try *t, pam_handle_t *pamh)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		return -1;
	t->pid = fork();
	if (t->pid == 0) {
		close(to[1]);
		close(from[0]);
		run_copy(t, pamh, from[1], to[0]);
	}
	close(to[0]);
	close(from[1]);
	t->listener = t->pid < 0 ? -1 : take_listener(t->pid, from[0]);
	close(from[0]);
	close(to[1]);
	return t->listener < 0 ? -1 : 0;
}
