/* Targets that nobody has to name. The kernel looks at credentials only, not at PID namespaces,
 * when a process signals its own group or uses its own terminal (kernel/signal.c, kernel/sys.c,
 * drivers/tty/): whether somebody outside was reached, the agent sees at the bystanders. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

/* linux/ioprio.h is newer than some C libraries' headers. */
enum { IO_WHO_PGRP = 2, IO_BEST_EFFORT = 2, IO_CLASS_SHIFT = 13, IO_LOW = 6 };

/* Neither signal does anything to a program that has not asked for it. */
int step_group(struct session *s, long number)
{
	json_t *list = json_array();

	(void)number;
	json_array_append_new(list, call_answer("SIGURG", kill(0, SIGURG)));
	json_array_append_new(list, call_answer("SIGCONT", kill(0, SIGCONT)));
	json_array_append_new(list, call_answer("setpriority", setpriority(PRIO_PGRP, 0, 12)));
	json_array_append_new(
	    list, call_answer("ioprio_set", syscall(SYS_ioprio_set, IO_WHO_PGRP, 0,
	                                            IO_BEST_EFFORT << IO_CLASS_SHIFT | IO_LOW)));
	return observe(s, "group.answers", list);
}

/* No process and no group of that number can be signalled, nor is there one that may not be. */
static bool is_foreign(pid_t id)
{
	return id > 0 && kill(id, 0) < 0 && errno == ESRCH && kill(-id, 0) < 0 && errno == ESRCH;
}

static void add_foreign(json_t *list, pid_t id)
{
	if (is_foreign(id))
		json_array_append_new(list, json_integer(id));
}

/* A process group of its own takes the foreground, and is gone. */
static int take_foreground(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGTTOU, SIG_IGN);
		setpgid(0, 0);
		_exit(tcsetpgrp(0, getpid()) < 0 ? errno : 0);
	}
	status = pid < 0 ? -1 : wait_for(pid);
	errno = status < 0 ? errno : status >> 8;
	return status == 0 ? 0 : -1;
}

int step_terminal(struct session *s, long number)
{
	json_t *answers = json_array(), *foreign = json_array();
	pid_t group = 0, session = 0;
	int rc = ioctl(0, TIOCGPGRP, &group);

	(void)number;
	json_array_append_new(answers, call_answer("TIOCGPGRP", rc));
	json_array_append_new(answers, call_answer("TIOCGSID", ioctl(0, TIOCGSID, &session)));
	add_foreign(foreign, group);
	add_foreign(foreign, session);
	json_array_append_new(answers, call_answer("TIOCSTI x", ioctl(0, TIOCSTI, "x")));
	json_array_append_new(answers, call_answer("TIOCSTI newline", ioctl(0, TIOCSTI, "\n")));
	json_array_append_new(answers, call_answer("TIOCSPGRP", take_foreground()));
	if (observe(s, "terminal.group", rc < 0 ? json_null() : json_integer(group)) < 0 ||
	    observe(s, "terminal.foreign", foreign) < 0)
		return -1;
	return observe(s, "terminal.answers", answers);
}

/* The fields of /proc/PID/stat after the name: state ppid pgrp session tty tpgid. */
static void look_at_stat(int proc, pid_t pid, json_t *foreign)
{
	static const char *const names[] = {"ppid", "pgrp", "session", "tpgid"};
	cleanup_free char *text = NULL;
	int ids[4], tty;
	char path[32], *at;

	snprintf(path, sizeof(path), "%d/stat", pid);
	text = procfs_file_at(proc, path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (!at ||
	    sscanf(at + 1, " %*c %d %d %d %d %d", &ids[0], &ids[1], &ids[2], &tty, &ids[3]) != 5)
		return;
	for (int i = 0; i < 4; i++)
		if (is_foreign(ids[i]))
			json_array_append_new(foreign,
			                      json_sprintf("%d %s %d", pid, names[i], ids[i]));
}

static void look_at_status(int proc, pid_t pid, json_t *foreign)
{
	static const char *const names[] = {"\nPPid:", "\nTracerPid:"};
	cleanup_free char *text = NULL;
	char path[32];

	snprintf(path, sizeof(path), "%d/status", pid);
	text = procfs_file_at(proc, path, NULL);
	for (int i = 0; text && i < 2; i++) {
		const char *at = strstr(text, names[i]);
		int id = at ? atoi(at + strlen(names[i])) : 0;

		if (is_foreign(id))
			json_array_append_new(foreign,
			                      json_sprintf("%d %s %d", pid, names[i] + 1, id));
	}
}

int step_kin(struct session *s, long number)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_json json_t *foreign = json_array();
	cleanup_free pid_t *pids = NULL;
	size_t n = 0;

	(void)number;
	if (proc < 0 || procfs_numbers_at(proc, ".", &pids, &n) < 0)
		return fault(s, "kin: read /proc: %s", strerror(errno));
	if (is_foreign(getppid()))
		json_array_append_new(foreign, json_sprintf("getppid %d", getppid()));
	for (size_t i = 0; i < n; i++) {
		look_at_stat(proc, pids[i], foreign);
		look_at_status(proc, pids[i], foreign);
	}
	if (observe(s, "kin.parent", json_integer(getppid())) < 0 ||
	    observe(s, "kin.looked", json_integer((json_int_t)n)) < 0)
		return -1;
	return observe(s, "kin.foreign", take_ptr(foreign));
}

int step_clone_parent(struct session *s, long number)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	(void)number;
	if (pid == 0)
		_exit(42);
	if (observe(s, "clone_parent.answer", json_string(answer_name(pid))) < 0 ||
	    observe(s, "clone_parent.first", json_boolean(getpid() == 1)) < 0)
		return -1;
	return observe(s, "clone_parent.outside", json_boolean(getppid() == 0));
}

static volatile struct {
	int count;
	pid_t pid;
	uid_t uid;
} caught;

static void on_signal(int number, siginfo_t *si, void *context)
{
	(void)number;
	(void)context;
	caught.count++;
	caught.pid = si->si_pid;
	caught.uid = si->si_uid;
}

int step_trap(struct session *s, long number)
{
	struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
	sigset_t set;

	(void)number;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (sigaction(SIGUSR2, &sa, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0)
		return fault(s, "trap: %s", strerror(errno));
	return 0;
}

int step_trapped(struct session *s, long number)
{
	(void)number;
	if (observe(s, "trapped.count", json_integer(caught.count)) < 0 ||
	    observe(s, "trapped.pid", caught.count ? json_integer(caught.pid) : json_null()) < 0)
		return -1;
	return observe(s, "trapped.uid", caught.count ? json_integer(caught.uid) : json_null());
}
