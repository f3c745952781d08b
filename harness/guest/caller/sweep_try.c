#include "sweep_try.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "after.h"
#include "cleanup.h"
#include "common/case_files.h"
#include "common/procfs.h"
#include "state.h"
#include "sweep_calls.h"

enum { LOOK_MS = 5 }; /* between two looks whether the copy is still there */

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
static bool sees_victim(const struct before *before)
{
	bool seen = false;

	for (size_t i = 0; i < before->n_victims; i++) {
		pid_t pid = before->victims[i];
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d", pid);
		seen |= access(path, F_OK) == 0 || kill(pid, 0) == 0;
	}
	return seen;
}

/* What the first process of a session looks for; "" if all is right. */
static const char *what_is_wrong(const struct before *before)
{
	char self[16] = "";

	if (readlink("/proc/self", self, sizeof(self) - 1) < 0 || atoi(self) != getpid())
		return "no /proc of its own";
	if (namespace("pid") == before->pidns)
		return "no PID namespace of its own";
	if (namespace("mnt") == before->mntns)
		return "no mount namespace of its own";
	if (sees_victim(before))
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

static void open_and_close(struct try_result *r, pam_handle_t *pamh, unsigned stay_ms,
                           const struct before *before)
{
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
			snprintf(r->exposed, sizeof(r->exposed), "%s", what_is_wrong(before));
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
	look_after(r, before->state);
}

static void read_victims(struct before *b)
{
	FILE *f = fopen(CASE_VICTIMS, "re");
	const size_t room = sizeof(b->victims) / sizeof(*b->victims);

	while (f && b->n_victims < room &&
	       fscanf(f, "%*s %d %*d %*s", &b->victims[b->n_victims]) == 1)
		b->n_victims++;
	if (f)
		fclose(f);
}

int try_prepare(struct before *out)
{
	if (sweep_calls_allow() < 0)
		return -1;
	*out = (struct before){
	    .pidns = namespace("pid"), .mntns = namespace("mnt"), .state = state_take()};
	read_victims(out);
	return 0;
}

/* --- the copy, and its supervisor ----------------------------------------------------------------
 */

/* Waits until a word in shared memory is no longer 0, or some time has passed: futex(2). */
static void await(const int *word, int ms)
{
	struct timespec most = {ms / 1000, ms % 1000 * 1000000L};

	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == 0)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, &most, NULL, 0);
}

static void tell(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The supervisor takes the descriptor from the copy's own table, so that the copy needs none for
 * it. */
static _Noreturn void run_copy(const struct try *t, pam_handle_t *pamh, const struct before *before)
{
	int listener;

	if (state_prepare() < 0)
		_exit(1);
	state_of_copy(before->state);
	listener = sweep_calls_watch(t->watch);
	if (listener < 0)
		_exit(1);
	tell(&t->shared->listener, listener);
	while (!t->shared->taken)
		await(&t->shared->taken, LOOK_MS);
	close(listener);
	open_and_close(t->shared, pamh, t->stay_ms, before);
	_exit(0);
}

static int take_listener(const struct try *t)
{
	int ours;

	while (!t->shared->listener) {
		if (strcmp(children_found(P_PID, (id_t)t->pid, 0), "alive") != 0) {
			errno = ECHILD;
			return -1;
		}
		await(&t->shared->listener, LOOK_MS);
	}
	ours = (int)syscall(SYS_pidfd_getfd, t->pidfd, t->shared->listener, 0);
	tell(&t->shared->taken, 1);
	return ours;
}

int try_start(struct try *t, pam_handle_t *pamh, const struct before *before)
{
	int failed;

	t->listener = t->pidfd = -1;
	t->pid = fork();
	if (t->pid == 0)
		run_copy(t, pamh, before);
	if (t->pid < 0)
		return -1;
	t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
	if (t->pidfd >= 0)
		t->listener = take_listener(t);
	if (t->listener >= 0)
		return 0;
	failed = errno;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	errno = failed;
	return -1;
}
