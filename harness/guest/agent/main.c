/* PID 1 of the guest: boots it, polls for jobs, starts a worker for each, enforces the job's
 * deadline in guest time, and reaps whatever the sessions leave to it. It runs in a real-time class
 * and is never killed for memory, so a fork bomb or a spinning candidate cannot keep it from
 * reporting. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <stdbool.h>

#include "boot.h"
#include "jobs.h"
#include "login.h"
#include "ports.h"
#include "report.h"
#include "truth.h"

#define POLL_NS     500000000LL
#define LINGER_NS   20000000LL
#define SECOND_NS   1000000000LL
#define DEADLINE_NS (60 * SECOND_NS)

enum { PRIORITY_WORKER = 1, PRIORITY_INIT = 2 };

static void set_priority(int priority)
{
	struct sched_param p = {.sched_priority = priority};

	sched_setscheduler(0, SCHED_FIFO, &p);
}

/* PID 1 is by its nature; what is started for a session gives it up (become_ordinary). */
static void exempt_from_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) < 0)
		report_fault("exempt the worker from being killed for memory: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static json_t *poll_job(void)
{
	size_t size;
	char *text = fwcfg_read("opt/pamlab/job", &size);
	json_t *job = text ? json_loadb(text, size, 0, NULL) : NULL;

	free(text);
	return job;
}

/* Every job starts at a round second of guest time plus its offset, whenever it came in. */
static void wait_for_start(int64_t offset_ns)
{
	int64_t at = (guest_now() / SECOND_NS + 1) * SECOND_NS + offset_ns;
	struct timespec t = {.tv_sec = at / SECOND_NS, .tv_nsec = at % SECOND_NS};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Waits for SIGCHLD (which is blocked) or until the time is up, and reaps. True if `pid` ended. */
static bool reap(pid_t pid, int64_t ns, int *status)
{
	struct timespec t = {.tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS};
	bool ended = false;
	sigset_t chld;
	int s;
	pid_t p;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	if (ns > 0)
		sigtimedwait(&chld, NULL, &t);
	while ((p = waitpid(-1, &s, WNOHANG)) > 0) {
		if (p != pid)
			continue;
		ended = true;
		*status = s;
	}
	return ended;
}

static int work(const char *kind, json_t *job)
{
	if (!strcmp(kind, "stage"))
		return run_stage(job);
	if (!strcmp(kind, "case"))
		return run_case(job);
	if (!strcmp(kind, "warm"))
		return run_warm(job);
	if (!strcmp(kind, "bench"))
		return run_bench(job);
	if (!strcmp(kind, "shell"))
		return run_shell(job);
	report_fault("unknown job \"%s\"", kind);
	return 0;
}

/* 0: there is nothing to wait for. A ping is answered by being asked. */
static pid_t start_worker(const char *kind, json_t *job)
{
	pid_t worker;

	if (!strcmp(kind, "ping"))
		return 0;
	worker = fork();
	if (worker == 0) {
		set_priority(PRIORITY_WORKER);
		exempt_from_oom();
		_exit(work(kind, job));
	}
	if (worker < 0)
		report_fault("fork the worker: %s", strerror(errno));
	return worker;
}

static bool is_job(json_t *job, const char *kind)
{
	const char *its = json_string_value(json_object_get(job, "job"));

	return its && !strcmp(its, kind);
}

static void run_job(json_t *job)
{
	const char *kind = json_string_value(json_object_get(job, "job"));
	int64_t deadline = json_integer_value(json_object_get(job, "deadline_ns"));
	int64_t until;
	int status = 0;
	pid_t worker;

	wait_for_start(json_integer_value(json_object_get(job, "offset_ns")));
	report_start(guest_now());
	until = guest_now() + (deadline ? deadline : DEADLINE_NS);
	report("begin", "id", json_incref(json_object_get(job, "id")));
	worker = start_worker(kind ? kind : "", job);
	while (worker > 0) {
		int64_t left = until - guest_now();

		if (reap(worker, left > 0 ? left : 1, &status))
			break;
		if (left <= 0) {
			truth_at_deadline(worker);
			report("end", "status", json_string("deadline"));
			return;
		}
	}
	if (worker > 0 && WIFSIGNALED(status))
		report_fault("the agent's worker was ended by signal %d", WTERMSIG(status));
	else if (worker > 0 && WEXITSTATUS(status) != 0)
		report_fault("the agent's worker ended with status %d", WEXITSTATUS(status));
	if (is_job(job, "warm") || is_job(job, "stage"))
		truth_before(); /* here, in PID 1, whose memory is part of the template */
	report("end", "status", json_string("done"));
}

/* Runs the job that is there, if it is another than the last one. A copy runs one. */
static bool take_job(char **last)
{
	static bool is_copy;
	json_t *job = poll_job();
	const char *id = json_string_value(json_object_get(job, "id"));
	bool new = id &&strcmp(id, *last) != 0;

	if (new) {
		free(*last);
		*last = strdup(id);
		run_job(job);
		if (is_copy || is_job(job, "warm")) {
			copy_point();
			is_copy = true;
		}
	}
	json_decref(job);
	return new;
}

/* After a job, polls without a pause at first. A template is saved now, by a host that takes its
 * time: a sleeping guest would be hours ahead when it is stopped, at another instant each time, and
 * so would its clones be. Port I/O takes the host long and the guest's clock next to nothing. */
static void linger(char **last)
{
	int64_t until = guest_now() + LINGER_NS;

	while (guest_now() < until)
		if (take_job(last))
			until = guest_now() + LINGER_NS;
}

int main(void)
{
	char *last = strdup("idle");
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	json_object_seed(1);
	if (ports_open() < 0)
		perror("pamlab agent: ports");
	boot_guest();
	calibrate_ticks();
	mlockall(MCL_CURRENT);
	set_priority(PRIORITY_INIT);
	report("ready", NULL, NULL);
	for (;;) {
		linger(&last);
		do
			reap(-1, POLL_NS, &(int){0});
		while (!take_job(&last));
	}
}
