#include "truth.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "klog.h"
#include "login.h"
#include "mounts.h"
#include "nscount.h"
#include "report.h"
#include "run.h"

#define SECOND_NS    1000000000LL
#define SESSION_COMM "session"

struct snapshot {
	struct proc_info *procs;
	size_t n;
	struct mount_list mounts;
	long pid_namespaces, mnt_namespaces;
};

static struct snapshot before;
static pid_t driver; /* as of the last scan */

static json_t *wanted_names;

void truth_want(json_t *names)
{
	wanted_names = names;
}

bool truth_wanted(const char *prefix, const char *name)
{
	json_t *w;
	size_t i;

	if (!wanted_names)
		return true;
	json_array_foreach(wanted_names, i, w)
	{
		const char *text = json_string_value(w);

		if (!strncmp(text, prefix, strlen(prefix)) && !strcmp(text + strlen(prefix), name))
			return true;
	}
	return false;
}

static void scan(struct snapshot *s)
{
	if (procfs_scan_at(truth_proc_fd, &s->procs, &s->n) < 0)
		report_fault("scan processes: %s", strerror(errno));
	driver = driver_pid();
}

static void drop_snapshot(struct snapshot *s)
{
	free(s->procs);
	mounts_free(&s->mounts);
}

void truth_before(void)
{
	drop_snapshot(&before);
	memset(&before, 0, sizeof(before));
	scan(&before);
	mounts_read(&before.mounts);
	before.pid_namespaces = count_namespaces(NS_COUNT_PID);
	before.mnt_namespaces = count_namespaces(NS_COUNT_MNT);
	/* What the count itself made goes with an RCU grace period. */
	pause_ns(SECOND_NS);
}

static bool same_process(const struct proc_info *a, const struct proc_info *b)
{
	return a && b && a->pid == b->pid && a->start_ticks == b->start_ticks;
}

/* New since before, and neither the kernel's nor the lab's own: worker, driver. */
static bool is_new(const struct proc_info *p)
{
	return !p->kthread && p->pid != getpid() && p->pid != driver &&
	       !same_process(p, procfs_find(before.procs, before.n, p->pid));
}

static json_t *describe(const struct proc_info *p)
{
	return json_sprintf("%d %s %c uid=%u", p->pid, p->comm, p->state, p->uid);
}

static json_t *list_processes(const struct snapshot *s, bool (*want)(const struct proc_info *))
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++)
		if (is_new(&s->procs[i]) && (!want || want(&s->procs[i])))
			json_array_append_new(list, describe(&s->procs[i]));
	return list;
}

static bool is_zombie(const struct proc_info *p)
{
	return p->state == 'Z';
}

static json_t *list_spinning(const struct snapshot *s)
{
	json_t *list = json_array();
	struct proc_info *later = NULL;
	size_t n = 0;
	long half = sysconf(_SC_CLK_TCK) / 2;

	for (size_t i = 0; i < s->n && !n; i++)
		if (is_new(&s->procs[i])) {
			pause_ns(SECOND_NS);
			procfs_scan_at(truth_proc_fd, &later, &n);
		}
	for (size_t i = 0; i < s->n; i++) {
		const struct proc_info *p = &s->procs[i];
		const struct proc_info *q = procfs_find(later, n, p->pid);

		if (is_new(p) && same_process(p, q) && (long)(q->cpu_ticks - p->cpu_ticks) > half)
			json_array_append_new(list, describe(p));
	}
	free(later);
	return list;
}

/* Sees the host's /proc as any program outside a session would. */
static void observe_host_proc(const char *prefix)
{
	struct {
		bool right;
		int count;
	} seen = {0};
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		return report_fault("pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		struct proc_info *all = NULL;
		char self[32];
		ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);
		size_t found = 0;

		self[n > 0 ? n : 0] = '\0';
		seen.right = atoi(self) == getpid();
		if (procfs_scan("/proc", &all, &found) == 0)
			seen.count = found;
		_exit(write(fds[1], &seen, sizeof(seen)) < 0);
	}
	close(fds[1]);
	if (read(fds[0], &seen, sizeof(seen)) != sizeof(seen))
		report_fault("look at the host's /proc: %s", strerror(errno));
	close(fds[0]);
	if (pid > 0)
		wait_for(pid);
	observe(prefix, "proc_ok", json_boolean(seen.right));
	observe(prefix, "proc_count", json_integer(seen.count));
}

static void observe_processes(const char *prefix, struct snapshot *now)
{
	bool spinning = truth_wanted(prefix, "spinning");

	if (!spinning && !truth_wanted(prefix, "new_processes") && !truth_wanted(prefix, "zombies"))
		return;
	scan(now);
	observe(prefix, "new_processes", list_processes(now, NULL));
	observe(prefix, "zombies", list_processes(now, is_zombie));
	if (spinning)
		observe(prefix, "spinning", list_spinning(now));
}

static void observe_mounts(const char *prefix, struct snapshot *now)
{
	if (!truth_wanted(prefix, "mounts_added") && !truth_wanted(prefix, "mounts_lost"))
		return;
	mounts_read(&now->mounts);
	observe(prefix, "mounts_added", mounts_difference(&now->mounts, &before.mounts));
	observe(prefix, "mounts_lost", mounts_difference(&before.mounts, &now->mounts));
}

static void observe_namespaces(const char *prefix, enum ns_kind kind, long earlier,
                               const char *count_name, const char *new_name)
{
	long count;

	if (!truth_wanted(prefix, count_name) && !truth_wanted(prefix, new_name))
		return;
	count = count_namespaces(kind);
	observe(prefix, count_name, json_integer(count));
	observe(prefix, new_name, json_integer(count - earlier));
}

void truth_observe(const char *when)
{
	struct snapshot now = {0};
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "host.%s.", when);
	if (truth_wanted(prefix, "proc_ok") || truth_wanted(prefix, "proc_count"))
		observe_host_proc(prefix);
	if (truth_wanted(prefix, "ps_status"))
		observe(prefix, "ps_status",
		        json_integer(run_quietly("exec ps -e >/dev/null 2>&1")));
	if (truth_wanted(prefix, "kernel_complaints"))
		observe(prefix, "kernel_complaints", klog_complaints());
	observe_processes(prefix, &now);
	observe_mounts(prefix, &now);
	observe_namespaces(prefix, NS_COUNT_PID, before.pid_namespaces, "pid_namespaces",
	                   "new_pid_namespaces");
	observe_namespaces(prefix, NS_COUNT_MNT, before.mnt_namespaces, "mnt_namespaces",
	                   "new_mnt_namespaces");
	drop_snapshot(&now);
}

/* The session's program: the first new process of its name. */
const struct proc_info *truth_find_session(const struct proc_info *procs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_new(&procs[i]) && strstr(procs[i].comm, SESSION_COMM) == procs[i].comm)
			return &procs[i];
	return NULL;
}

static pid_t inner_pid(const struct proc_info *p)
{
	return p->nspid[p->levels - 1];
}

void truth_observe_session(void)
{
	struct proc_info *procs = NULL;
	json_t *pids = json_array();
	const struct proc_info *session;
	uint64_t mntns[64];
	size_t n = 0, n_mntns = 0, zombies = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	session = truth_find_session(procs, n);
	for (size_t i = 0; session && i < n; i++) {
		const struct proc_info *p = &procs[i];
		size_t known = 0;

		/* A zombie has no namespaces left to read, but still its pids in them. */
		if (p->levels != session->levels ||
		    (p->pidns ? p->pidns != session->pidns : session->levels == 1))
			continue;
		json_array_append_new(pids, json_integer(inner_pid(p)));
		zombies += p->state == 'Z';
		while (known < n_mntns && mntns[known] != p->mntns)
			known++;
		if (known == n_mntns && p->mntns && n_mntns < 64)
			mntns[n_mntns++] = p->mntns;
	}
	observe("host.during.", "session_found", json_boolean(session));
	observe("host.during.", "session_pids", pids);
	observe("host.during.", "session_isolated", json_boolean(session && session->levels > 1));
	observe("host.during.", "session_mntns", json_integer(n_mntns));
	observe("host.during.", "session_zombies", json_integer(zombies));
	records_observe(procs, n, session);
	free(procs);
}

static size_t count_members(uint64_t pidns, json_t *names)
{
	struct proc_info *procs = NULL;
	size_t n = 0, members = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++) {
		if (procs[i].pidns != pidns)
			continue;
		members++;
		if (names)
			json_array_append_new(names, describe(&procs[i]));
	}
	free(procs);
	return members;
}

/* Does nothing but say so if the session is not in a PID namespace of its own. */
void act_kill_init(void)
{
	struct proc_info *procs = NULL;
	const struct proc_info *session;
	json_t *survivors = json_array();
	uint64_t pidns = 0;
	int64_t killed, gone = -1;
	size_t n = 0;
	pid_t init = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	session = truth_find_session(procs, n);
	if (session && session->levels > 1)
		pidns = session->pidns;
	for (size_t i = 0; pidns && i < n; i++)
		if (procs[i].pidns == pidns && inner_pid(&procs[i]) == 1)
			init = procs[i].pid;
	free(procs);
	observe("host.killed.", "init", init ? json_integer(init) : json_null());
	if (!init) {
		json_decref(survivors);
		return;
	}
	killed = guest_now();
	kill(init, SIGKILL);
	while (gone < 0 && guest_now() - killed < 2 * SECOND_NS) {
		pause_ns(10000000);
		if (count_members(pidns, NULL) == 0)
			gone = guest_now() - killed;
	}
	if (gone < 0)
		count_members(pidns, survivors);
	observe("host.killed.", "survivors", survivors);
	observe("host.killed.", "gone_ns", gone < 0 ? json_null() : json_integer(gone));
}

void truth_at_deadline(pid_t worker)
{
	struct snapshot now = {0};
	json_t *list = json_array();

	procfs_scan_at(truth_proc_fd, &now.procs, &now.n);
	for (size_t i = 0; i < now.n; i++)
		if (is_new(&now.procs[i]) && now.procs[i].pid != worker &&
		    json_array_size(list) < 20)
			json_array_append_new(list, describe(&now.procs[i]));
	observe("host.deadline.", "new_processes", list);
	drop_snapshot(&now);
}
