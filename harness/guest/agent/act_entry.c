/* What becomes of a session whose entry ends by force, from outside or at its terminal. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "login.h"
#include "report.h"
#include "run.h"
#include "session.h"
#include "truth.h"

#define SECOND_NS  1000000000LL
#define PATIENT_NS (5 * SECOND_NS)
#define WRAPPER    "probe" /* the lab's own, which starts the entry and waits for it */

/* The outermost new process that the session comes from: su, sudo, login, or sshd's process for the
 * connection. 0: the session comes from nothing that is new. */
static pid_t find_entry(const struct proc_info *program)
{
	struct proc_info *procs = NULL;
	const struct proc_info *p;
	pid_t entry = 0;
	size_t n = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	p = procfs_find(procs, n, program->pid);
	while (p && truth_is_new(p) && strcmp(p->comm, WRAPPER) != 0) {
		if (p->pid != program->pid)
			entry = p->pid;
		p = procfs_find(procs, n, p->ppid);
	}
	free(procs);
	return entry;
}

static void observe_end(const char *prefix, const struct proc_info *program)
{
	json_t *survivors = json_array();
	int64_t gone = session_wait_gone(program, PATIENT_NS, survivors);

	observe(prefix, "survivors", survivors);
	observe(prefix, "gone_ns", gone < 0 ? json_null() : json_integer(gone));
}

static void end_entry(const char *prefix, int sig)
{
	struct proc_info program;
	pid_t entry = session_find(&program) ? find_entry(&program) : 0;

	observe(prefix, "sent", json_boolean(entry && kill(entry, sig) == 0));
	if (entry)
		observe_end(prefix, &program);
}

void act_term_entry(void)
{
	end_entry("host.terminated.", SIGTERM);
}

void act_kill_entry(void)
{
	end_entry("host.entry_killed.", SIGKILL);
}

/* The session's first process, or the program if it has no PID namespace of its own. */
void act_term_init(void)
{
	struct proc_info program;
	bool found = session_find(&program);
	pid_t init = found && session_isolated(&program) ? session_init(&program) : program.pid;

	observe("host.init_terminated.", "sent",
	        json_boolean(found && init && kill(init, SIGTERM) == 0));
	if (found)
		observe_end("host.init_terminated.", &program);
}

/* The driver closes the entry's terminal when it is told so (common.tcl). */
void act_hang_up(void)
{
	struct proc_info program;
	bool found = session_find(&program);

	observe("host.hung_up.", "sent",
	        json_boolean(found && driver_pid() && kill(driver_pid(), SIGUSR1) == 0));
	if (found)
		observe_end("host.hung_up.", &program);
}

/* --- keys --------------------------------------------------------------------------------------
 */

/* The driver's end of the terminal that it gave the entry: its newest. Taken from the driver, which
 * therefore need not be asked and do nothing that costs time. */
static int take_terminal(void)
{
	char path[64], link[64];
	int pidfd = (int)syscall(SYS_pidfd_open, driver_pid(), 0), fd = -1;
	pid_t *fds = NULL;
	size_t n = 0;

	snprintf(path, sizeof(path), "%d/fd", driver_pid());
	procfs_numbers_at(truth_proc_fd, path, &fds, &n);
	for (size_t i = 0; i < n; i++) {
		ssize_t length;

		snprintf(path, sizeof(path), "%d/fd/%d", driver_pid(), fds[i]);
		length = readlinkat(truth_proc_fd, path, link, sizeof(link) - 1);
		link[length > 0 ? length : 0] = '\0';
		if (!strstr(link, "ptmx"))
			continue;
		if (fd >= 0)
			close(fd);
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, fds[i], 0);
	}
	free(fds);
	if (pidfd >= 0)
		close(pidfd);
	return fd;
}

static bool type(char key)
{
	int fd = take_terminal();
	bool typed = fd >= 0 && write(fd, &key, 1) == 1;

	if (!typed)
		report_fault("type into the entry's terminal: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return typed;
}

/* For a session whose program is the foreground job itself. */
void act_type_intr(void)
{
	struct proc_info program;
	bool found = session_find(&program);
	int64_t gone;

	if (!type('\003') || !found)
		return;
	gone = session_wait_gone(&program, PATIENT_NS, NULL);
	observe("host.typed.", "gone_ns", gone < 0 ? json_null() : json_integer(gone));
}

/* For a job that says itself what came (the step `job`). */
void act_type_keys(void)
{
	for (const char *key = "\003\034\032"; *key; key++) {
		if (!type(*key))
			return;
		pause_ns(SECOND_NS / 5);
	}
}
