#include "populate.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "common/marks.h"
#include "common/procfs.h"
#include "jobs.h"
#include "login.h"
#include "report.h"
#include "run.h"

#define SECOND_NS    1000000000LL
#define SETTLE_NS    (SECOND_NS / 2)
#define LOGIN_NS     (5 * SECOND_NS)
#define POLL_NS      2000000
#define MOUNTS       "/run/pamlab/mounts"
#define HOLDERS_LOG  "/run/pamlab/holders.log"
#define SESSION_COMM "session"

/* What a session takes, as /proc/meminfo(5) counts it. */
static const char *const meminfo_keys[] = {"MemAvailable", "AnonPages",   "Slab",
                                           "PageTables",   "KernelStack", NULL};

static long integer(json_t *wanted, const char *key)
{
	return (long)json_integer_value(json_object_get(wanted, key));
}

static void add_processes(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return report_fault("process %ld of %ld: %s", i, n, strerror(errno));
		if (pid == 0) {
			become_ordinary();
			for (;;)
				pause();
		}
	}
}

static void add_mounts(long n)
{
	char path[64];

	mkdir(MOUNTS, 0755);
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof(path), MOUNTS "/%ld", i);
		if (mkdir(path, 0755) < 0 || mount(path, path, NULL, MS_BIND, NULL) < 0)
			return report_fault("mount %ld of %ld: %s", i, n, strerror(errno));
	}
}

static json_t *read_memory(void)
{
	char *text = procfs_file_at(truth_proc_fd, "meminfo", NULL);
	json_t *kb = json_object();

	for (const char *const *key = meminfo_keys; *key; key++) {
		const char *at = text ? strstr(text, *key) : NULL;

		if (at)
			json_object_set_new(kb, *key, json_integer(atol(at + strlen(*key) + 1)));
	}
	free(text);
	return kb;
}

static long count_sessions(void)
{
	struct proc_info *procs = NULL;
	size_t n = 0;
	long count = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++)
		count += procs[i].state != 'Z' && !strcmp(procs[i].comm, SESSION_COMM);
	free(procs);
	return count;
}

/* The drivers are made for one login at a time. su asks root nothing, and so needs none. */
static void add_sessions(long n)
{
	char *argv[] = {LIB_DIR "/probe", "entry", "su", "alice", "-c", LIB_DIR "/session", NULL};
	static const char nap[] = "sleep 60000"; /* the longest there is */
	json_t *plan = json_pack("[s, s, s, s]", nap, nap, nap, nap);
	const struct marks *m;

	login_prepare(plan);
	json_decref(plan);
	m = marks_map(CASE_MARKS);
	for (long i = 0; m && i < n; i++) {
		int64_t until = guest_now() + LOGIN_NS;
		const volatile uint64_t *up = &m->sessions;

		if (start_program(argv, HOLDERS_LOG, 0) < 0)
			return report_fault("session %ld of %ld: %s", i, n, strerror(errno));
		while (*up <= (uint64_t)i && guest_now() < until)
			pause_ns(POLL_NS);
		if (*up <= (uint64_t)i)
			break; /* the candidate lets nobody in: the count will say so */
	}
	pause_ns(SETTLE_NS);
}

void populate(json_t *wanted)
{
	json_t *before;
	long sessions = integer(wanted, "sessions");

	if (!wanted)
		return;
	add_processes(integer(wanted, "processes"));
	add_mounts(integer(wanted, "mounts"));
	pause_ns(SETTLE_NS);
	before = read_memory();
	if (sessions)
		add_sessions(sessions);
	observe("bench.", "populated",
	        json_pack("{s:i, s:o, s:o}", "sessions", (int)(sessions ? count_sessions() : 0),
	                  "before_kb", before, "after_kb", read_memory()));
}
