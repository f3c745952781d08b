#include "login.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/json_line.h"
#include "common/marks.h"
#include "jobs.h"
#include "report.h"
#include "run.h"

#define SECOND_NS   1000000000LL
#define HUNG_NS     (5 * SECOND_NS)
#define POLL_NS     5000000LL /* no less than a millisecond: poll(2) */
#define LINES_MAX   (1 << 20)
#define DRIVER_LOG  "/run/pamlab/driver.log"
#define DRIVER_GO   "/run/pamlab/driver.go"   /* FIFO: "ENTRY PROGRAM" */
#define DRIVER_DONE "/run/pamlab/driver.done" /* FIFO: a line for each login that ended */
#define DRIVER_PID  "/run/pamlab/driver.pid"

static double ns_per_tick = 1;

void calibrate_ticks(void)
{
	uint64_t from = marks_now();
	int64_t since = guest_now();
	double measured;

	pause_ns(20000000);
	measured = (double)(guest_now() - since) / (double)(marks_now() - from);
	/* Under the counting clock a tick is a nanosecond, and the kernel's opinion of that is off
	 * by a rounding. */
	ns_per_tick = measured > 0.999 && measured < 1.001 ? 1 : measured;
}

int64_t ticks_to_ns(uint64_t ticks)
{
	return ns_per_tick == 1 ? (int64_t)ticks : (int64_t)((double)ticks * ns_per_tick);
}

static bool make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || fchmod(fd, mode) < 0) {
		report_fault("create %s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

static void write_plan(json_t *steps)
{
	FILE *plan = fopen(CASE_PLAN, "we");
	json_t *step;
	size_t i;

	if (!plan)
		return report_fault("create %s: %s", CASE_PLAN, strerror(errno));
	json_array_foreach(steps, i, step) fprintf(plan, "%s\n", json_string_value(step));
	fclose(plan);
}

void login_prepare(json_t *steps)
{
	static const char *const names[] = {
	    CASE_PLAN,  CASE_VICTIMS, CASE_FACTS, CASE_SESSION,          CASE_ENTRY,
	    CASE_MARKS, CASE_HELD,    CASE_GO,    CASE_CLOSED "-before", CASE_CLOSED "-after"};

	mkdir(CASE_DIR, 01777);
	chmod(CASE_DIR, 01777);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	make_file(CASE_SESSION, 0666);
	make_file(CASE_ENTRY, 0666);
	if (marks_create(CASE_MARKS) < 0)
		report_fault("create %s: %s", CASE_MARKS, strerror(errno));
	if (link(VICTIMS, CASE_VICTIMS) < 0)
		report_fault("link %s: %s", VICTIMS, strerror(errno));
	if (link(VICTIM_FACTS, CASE_FACTS) < 0)
		report_fault("link %s: %s", VICTIM_FACTS, strerror(errno));
	write_plan(steps);
	if (truncate(DRIVER_LOG, 0) < 0)
		report_fault("truncate %s: %s", DRIVER_LOG, strerror(errno));
}

/* A session keyring, and a key in it, for what the driver starts: as a person's who runs su has.
 * The worker gets it first, for its child to have it. */
static void join_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, OUTER_KEY) < 0 ||
	    syscall(SYS_add_key, "user", OUTER_KEY, OUTER_KEY, strlen(OUTER_KEY),
	            KEY_SPEC_SESSION_KEYRING) < 0)
		report_fault("make a session keyring: %s", strerror(errno));
}

/* In the template: the agent's worker that starts it is not the one that uses it. */
void driver_start(void)
{
	char *argv[] = {"expect", LIB_DIR "/entries/driver.tcl", NULL};
	pid_t pid;
	FILE *f;

	unlink(DRIVER_GO);
	unlink(DRIVER_DONE);
	if (mkfifo(DRIVER_GO, 0600) < 0 || mkfifo(DRIVER_DONE, 0600) < 0)
		report_fault("make the driver's FIFOs: %s", strerror(errno));
	join_keyring();
	pid = start_program(argv, DRIVER_LOG, 0);
	f = fopen(DRIVER_PID, "we");
	if (pid < 0 || !f)
		report_fault("start the driver: %s", strerror(errno));
	if (f) {
		fprintf(f, "%d\n", pid);
		fclose(f);
	}
}

/* Both ends, so that neither side ever sees an end of file. */
static int open_fifo(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		report_fault("open %s: %s", path, strerror(errno));
	return fd;
}

static void order(struct login *l, json_t *job, const char *program, int64_t more_ns)
{
	const char *entry = json_string_value(json_object_get(job, "entry"));
	char path[128], line[128];
	int go = open_fifo(DRIVER_GO), n;

	memset(l, 0, sizeof(*l));
	l->patience_ns = HUNG_NS + json_integer_value(json_object_get(job, "patience_ns"));
	l->until = guest_now() + l->patience_ns + more_ns;
	snprintf(path, sizeof(path), LIB_DIR "/entries/%s.exp", entry ? entry : "");
	if (access(path, R_OK) < 0)
		report_fault("no driver for the entry: %s", path);
	n = snprintf(line, sizeof(line), "%s %s\n", entry, program);
	if (go < 0 || write(go, line, n) != n)
		report_fault("tell the driver: %s", strerror(errno));
	close(go);
}

void login_order(struct login *l, json_t *job)
{
	order(l, job, "session", 0);
}

void login_start(struct login *l, json_t *job, json_t *steps)
{
	bool no_program =
	    json_array_size(steps) == 0 && json_is_true(json_object_get(job, "no_program"));

	login_prepare(steps);
	order(l, job, no_program ? "none" : "session", (int64_t)json_array_size(steps) * SECOND_NS);
}

/* Waits that long for the driver to be done. */
static bool driver_done(int64_t ns)
{
	static int done = -1;
	struct pollfd p;
	char line[64];

	if (done < 0)
		done = open_fifo(DRIVER_DONE);
	p = (struct pollfd){.fd = done, .events = POLLIN};
	if (poll(&p, 1, (int)(ns / 1000000)) <= 0)
		return false;
	return read(done, line, sizeof(line)) > 0;
}

pid_t driver_pid(void)
{
	FILE *f = fopen(DRIVER_PID, "re");
	int pid = 0;

	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

/* The driver leads a session; expect gives each entry a terminal whose closing hangs it up. */
static void give_up(struct login *l)
{
	pid_t pid = driver_pid();

	l->hung = true;
	if (pid > 1)
		kill(pid, SIGKILL);
	pause_ns(SECOND_NS / 10);
	driver_start();
}

bool login_wait_held(struct login *l)
{
	while (access(CASE_HELD, F_OK) < 0) {
		if (driver_done(POLL_NS)) {
			l->returned = true;
			return false;
		}
		if (guest_now() > l->until) {
			give_up(l);
			return false;
		}
	}
	return true;
}

void login_let_go(void)
{
	make_file(CASE_GO, 0666);
}

void login_wait(struct login *l)
{
	json_t *line, *lines;
	size_t i;

	if (l->until < guest_now() + l->patience_ns)
		l->until = guest_now() + l->patience_ns;
	if (!l->hung && !l->returned && !driver_done(l->until - guest_now()))
		give_up(l);
	lines = login_lines(CASE_ENTRY);
	json_array_foreach(lines, i, line)
	{
		const char *name = json_string_value(json_object_get(line, "name"));
		int value = json_integer_value(json_object_get(line, "value"));

		if (name && !strcmp(name, "status")) {
			l->exited = true;
			l->status = value;
		} else if (name && !strcmp(name, "signal")) {
			l->signal = value;
		}
	}
	json_decref(lines);
}

json_t *login_lines(const char *path)
{
	json_t *lines = json_array();
	char *text = malloc(LINES_MAX + 1), *save = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 || !text ? 0 : read(fd, text, LINES_MAX);

	if (fd >= 0)
		close(fd);
	if (text)
		text[n > 0 ? n : 0] = '\0';
	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		json_t *line = json_loads(l, 0, NULL);

		if (line)
			json_array_append_new(lines, line);
	}
	free(text);
	return lines;
}

/* JSON needs UTF-8; what is none becomes a question mark. */
json_t *login_output(size_t most)
{
	char *text = malloc(most + 1);
	int fd = open(DRIVER_LOG, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n = 0;
	json_t *output;

	if (fd >= 0 && text)
		n = pread(fd, text, most, size > (off_t)most ? size - (off_t)most : 0);
	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++)
		if ((unsigned char)text[i] >= 0x80 || text[i] == '\0')
			text[i] = '?';
	output = json_stringn(text ? text : "", n > 0 ? n : 0);
	free(text);
	return output;
}
