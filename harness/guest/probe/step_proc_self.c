/* Is /proc the one of this PID namespace, and stays so in whatever a program starts? */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

struct seen_in_thread {
	bool self, thread_self;
};

static bool thread_self_right(void)
{
	char link[64], expected[64];
	ssize_t n = readlink("/proc/thread-self", link, sizeof(link) - 1);

	if (n < 0)
		return false;
	link[n] = '\0';
	snprintf(expected, sizeof(expected), "%d/task/%d", getpid(), gettid());
	return strcmp(link, expected) == 0;
}

static void *look_in_thread(void *arg)
{
	struct seen_in_thread *seen = arg;

	seen->self = proc_self_right();
	seen->thread_self = thread_self_right();
	return NULL;
}

/* The next two: 1 right, 0 wrong, -1 could not be run. */
static int right_after_exec(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl(own_path(), "probe", "proc-check", NULL);
		_exit(EXIT_FAULT);
	}
	status = pid < 0 ? -1 : wait_for(pid);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return -1;
	return WEXITSTATUS(status) == 0;
}

static int right_in_grandchild(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			_exit(proc_self_right() ? 0 : 1);
		status = grandchild < 0 ? -1 : wait_for(grandchild);
		_exit(status < 0 || !WIFEXITED(status) ? EXIT_FAULT : WEXITSTATUS(status));
	}
	status = pid < 0 ? -1 : wait_for(pid);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return -1;
	return WEXITSTATUS(status) == 0;
}

static int observe_contexts(const struct session *s)
{
	int exec = right_after_exec(), grandchild = right_in_grandchild();
	struct seen_in_thread seen = {false, false};
	json_t *wrong;
	pthread_t t;
	int errnum;

	if (exec < 0 || grandchild < 0)
		return fault(s, "proc-self: run %s", exec < 0 ? own_path() : "a grandchild");
	errnum = pthread_create(&t, NULL, look_in_thread, &seen);
	if (errnum)
		return fault(s, "proc-self: start a thread: %s", strerror(errnum));
	pthread_join(t, NULL);
	wrong = json_array();
	if (!proc_self_right())
		json_array_append_new(wrong, json_string("program"));
	if (!exec)
		json_array_append_new(wrong, json_string("exec"));
	if (!seen.self)
		json_array_append_new(wrong, json_string("thread"));
	if (!grandchild)
		json_array_append_new(wrong, json_string("grandchild"));
	if (observe(s, "proc.wrong_in", wrong) < 0)
		return -1;
	return observe(s, "proc.thread_self_ok",
	               json_boolean(seen.thread_self && thread_self_right()));
}

static bool lists(int proc, pid_t pid)
{
	cleanup_free pid_t *pids = NULL;
	size_t n;

	if (procfs_numbers_at(proc, ".", &pids, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* A new child is listed as this process' child, and no longer once it has been waited for. */
static int observe_child(const struct session *s, int proc)
{
	struct proc_info info;
	bool appears, vanishes;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	if (pid < 0)
		return fault(s, "proc-self: fork: %s", strerror(errno));
	appears =
	    lists(proc, pid) && procfs_read_at(proc, pid, &info) == 0 && info.ppid == getpid();
	kill(pid, SIGKILL);
	wait_for(pid);
	vanishes = appears && !lists(proc, pid);
	if (observe(s, "proc.child_appears", json_boolean(appears)) < 0)
		return -1;
	return observe(s, "proc.child_vanishes", json_boolean(vanishes));
}

/* How many numbers the line NSpid of /proc/self/status has: as many as there are PID namespaces
 * from the procfs' down to the process' own (proc(5)). 0: cannot be read. */
static unsigned count_nspid_columns(int proc)
{
	cleanup_free char *status = procfs_file_at(proc, "self/status", NULL);
	const char *p = status ? strstr(status, "\nNSpid:") : NULL;
	unsigned n = 0;

	for (p = p ? p + 1 : ""; *p && *p != '\n'; p++)
		n += *p == '\t';
	return n;
}

int step_proc_self(struct session *s, long number)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs dir, file;
	unsigned columns;
	uint64_t pidns;
	bool fstype_ok;

	(void)number;
	if (proc < 0)
		return fault(s, "proc-self: open /proc: %s", strerror(errno));
	fstype_ok = fstatfs(proc, &dir) == 0 && dir.f_type == PROC_SUPER_MAGIC &&
	            statfs("/proc/self/stat", &file) == 0 && file.f_type == PROC_SUPER_MAGIC;
	columns = count_nspid_columns(proc);
	pidns = procfs_ns_at(proc, "self", "pid");
	if (observe(s, "proc.fstype_ok", json_boolean(fstype_ok)) < 0 || observe_contexts(s) < 0 ||
	    observe(s, "proc.nspid_columns", columns ? json_integer(columns) : json_null()) < 0 ||
	    observe(s, "proc.pid1_listed", json_boolean(lists(proc, 1))) < 0 ||
	    observe_child(s, proc) < 0)
		return -1;
	return observe(s, "proc.pidns", pidns ? json_integer((json_int_t)pidns) : json_null());
}
