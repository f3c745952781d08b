/* Logins that the agent makes beside the session that holds, many at once: through su, whose
 * session program says what it sees. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "common/procfs.h"
#include "jobs.h"
#include "report.h"
#include "run.h"
#include "session.h"
#include "truth.h"

#define SECOND_NS 1000000000LL
#define LOGINS    20
#define CUT_SHORT 15 /* the logins of login-storm */
#define AWAKE_MS  400
#define WAIT_NS   (5 * SECOND_NS)

struct login_beside {
	pid_t pid;
	int out;    /* what its session program says */
	int status; /* as wait_for() says; -1: it runs */
};

/* Even ones are alice's, odd ones bob's. */
static void start(struct login_beside *l, int number)
{
	char command[128], *user = number % 2 ? "bob" : "alice";
	/* alice's own shell is the program of the session that holds. */
	char *argv[] = {"su", "-s", "/bin/sh", user, "-c", command, NULL};
	int ends[2] = {-1, -1};

	snprintf(command, sizeof(command), "exec " LIB_DIR "/probe look login-%d %d", number,
	         AWAKE_MS);
	*l = (struct login_beside){.status = -1, .out = -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fault("pipe: %s", strerror(errno));
	l->pid = fork();
	if (l->pid == 0) {
		become_ordinary();
		setsid();
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(ends[1], 1);
		dup2(open("/dev/null", O_RDWR), 2);
		close_range(3, ~0U, 0);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	l->out = ends[0];
}

/* Takes what has ended; true if nothing runs any more. */
static bool collect(struct login_beside *all)
{
	bool done = true;

	for (int i = 0; i < LOGINS; i++) {
		int status;

		if (all[i].status < 0 && all[i].pid > 0 &&
		    waitpid(all[i].pid, &status, WNOHANG) == all[i].pid)
			all[i].status =
			    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		done &= all[i].status >= 0 || all[i].pid <= 0;
	}
	return done;
}

static void wait_all(struct login_beside *all)
{
	int64_t until = guest_now() + WAIT_NS;

	while (!collect(all) && guest_now() < until)
		pause_ns(10000000);
}

/* One line of JSON, a new reference, or NULL. */
static json_t *heard(const struct login_beside *l)
{
	char text[4096];
	ssize_t n;

	fcntl(l->out, F_SETFL, O_NONBLOCK);
	n = read(l->out, text, sizeof(text));
	return n > 0 ? json_loadb(text, n, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
}

static uint64_t pidns_of_session(void)
{
	struct proc_info *procs = NULL;
	const struct proc_info *session;
	uint64_t pidns;
	size_t n = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	session = session_find_in(procs, n);
	pidns = session ? session->pidns : 0;
	free(procs);
	return pidns;
}

static void add_sights(json_t *list, int number, const json_t *seen)
{
	json_t *tag;
	size_t i;

	json_array_foreach(json_object_get(seen, "tags"), i, tag)
	    json_array_append_new(list, json_sprintf("%d sees %s", number, json_string_value(tag)));
	if (json_integer_value(json_object_get(seen, "victims")))
		json_array_append_new(list, json_sprintf("%d sees victims", number));
	if (json_integer_value(json_object_get(seen, "sessions")))
		json_array_append_new(list, json_sprintf("%d sees the session", number));
}

void act_twenty_logins(void)
{
	json_t *failed = json_array(), *no_proc = json_array(), *sharing = json_array();
	json_t *seeing = json_array();
	uint64_t pidns[LOGINS + 1];
	struct login_beside all[LOGINS];
	int looked = 0;

	pidns[LOGINS] = pidns_of_session();
	for (int i = 0; i < LOGINS; i++)
		start(&all[i], i);
	wait_all(all);
	for (int i = 0; i < LOGINS; i++) {
		json_t *seen = heard(&all[i]);

		if (all[i].status != 0)
			json_array_append_new(
			    failed, all[i].status < 0
			                ? json_sprintf("%d: hung", i)
			                : json_sprintf("%d: status %d", i, all[i].status));
		pidns[i] = json_integer_value(json_object_get(seen, "pidns"));
		looked += seen != NULL;
		if (seen && !json_is_true(json_object_get(seen, "right")))
			json_array_append_new(no_proc, json_integer(i));
		add_sights(seeing, i, seen);
		json_decref(seen);
		close(all[i].out);
	}
	for (int i = 0; i < LOGINS; i++) {
		int j = i + 1;

		while (pidns[i] && j <= LOGINS && pidns[j] != pidns[i])
			j++;
		if (pidns[i] && j <= LOGINS)
			json_array_append_new(sharing, json_integer(i));
	}
	observe("host.logins.", "failed", failed);
	observe("host.logins.", "looked", json_integer(looked));
	observe("host.logins.", "no_proc", no_proc);
	observe("host.logins.", "sharing", sharing);
	observe("host.logins.", "seeing", seeing);
	observe("host.logins.", "session_alive",
	        json_boolean(pidns[LOGINS] && pidns_of_session() == pidns[LOGINS]));
}

enum hit { HIT_ENTRY, HIT_PROGRAM, HIT_INIT, HITS };
static const char *const hit_names[HITS] = {"su", "program", "init"};

/* The program of that login, or the first process of its PID namespace; 0 if it is not there. */
static pid_t find_target(const struct login_beside *l, enum hit hit)
{
	struct proc_info *procs = NULL;
	uint64_t pidns = 0;
	pid_t found = 0;
	size_t n = 0;

	if (hit == HIT_ENTRY)
		return l->pid;
	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n && !found; i++)
		if (procs[i].ppid == l->pid && !strcmp(procs[i].comm, "probe")) {
			found = procs[i].pid;
			pidns = procs[i].levels > 1 ? procs[i].pidns : 0;
		}
	if (hit == HIT_INIT) {
		found = 0;
		for (size_t i = 0; pidns && i < n; i++)
			if (procs[i].pidns == pidns && procs[i].nspid[procs[i].levels - 1] == 1)
				found = procs[i].pid;
	}
	free(procs);
	return found;
}

/* A login at a time is hit, each at another instant of its life: some not yet open, some closing.
 * The program that logs in is asked to end, as a shutdown does; the others are killed. */
void act_login_storm(void)
{
	json_t *hits = json_array(), *hung = json_array();
	struct login_beside all[LOGINS] = {0};

	for (int i = 0; i < CUT_SHORT; i++) {
		enum hit hit = i % HITS;
		pid_t target;

		start(&all[i], i);
		pause_ns(2000000 + i * 4900000LL);
		target = find_target(&all[i], hit);
		if (target && kill(target, hit == HIT_ENTRY ? SIGTERM : SIGKILL) == 0)
			json_array_append_new(hits, json_sprintf("%d: %s", i, hit_names[hit]));
		collect(all);
	}
	wait_all(all);
	for (int i = 0; i < CUT_SHORT; i++) {
		if (all[i].status < 0)
			json_array_append_new(hung, json_integer(i));
		if (all[i].status < 0 && all[i].pid > 0)
			kill(all[i].pid, SIGKILL);
		close(all[i].out);
	}
	observe("host.storm.", "hit", hits);
	observe("host.storm.", "hung", hung);
}
