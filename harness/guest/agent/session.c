#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "bystander.h"
#include "harm.h"
#include "report.h"
#include "run.h"
#include "services.h"
#include "truth.h"

#define SECOND_NS    1000000000LL
#define SESSION_COMM "session"

const struct proc_info *session_find_in(const struct proc_info *procs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (truth_is_new(&procs[i]) && strstr(procs[i].comm, SESSION_COMM) == procs[i].comm)
			return &procs[i];
	return NULL;
}

bool session_find(struct proc_info *program)
{
	struct proc_info *procs = NULL;
	const struct proc_info *found;
	size_t n = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	found = session_find_in(procs, n);
	if (found)
		*program = *found;
	free(procs);
	return found;
}

bool session_isolated(const struct proc_info *program)
{
	return program->levels > 1;
}

static pid_t inner_pid(const struct proc_info *p)
{
	return p->nspid[p->levels - 1];
}

json_t *session_describe(const struct proc_info *p)
{
	return json_sprintf("%d %s %c uid=%u", p->pid, p->comm, p->state, p->uid);
}

pid_t session_init(const struct proc_info *program)
{
	struct proc_info *procs = NULL;
	pid_t init = 0;
	size_t n = 0;

	if (!session_isolated(program))
		return 0;
	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++)
		if (procs[i].pidns == program->pidns && inner_pid(&procs[i]) == 1)
			init = procs[i].pid;
	free(procs);
	return init;
}

static bool is_member(const struct proc_info *program, const struct proc_info *p)
{
	return session_isolated(program)
	           ? p->pidns == program->pidns
	           : p->pid == program->pid && p->start_ticks == program->start_ticks;
}

static size_t count_members(const struct proc_info *program, json_t *names)
{
	struct proc_info *procs = NULL;
	size_t n = 0, members = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++) {
		if (!is_member(program, &procs[i]))
			continue;
		members++;
		if (names)
			json_array_append_new(names, session_describe(&procs[i]));
	}
	free(procs);
	return members;
}

int64_t session_wait_gone(const struct proc_info *program, int64_t limit_ns, json_t *survivors)
{
	int64_t since = guest_now();

	while (count_members(program, NULL) != 0) {
		if (guest_now() - since >= limit_ns) {
			count_members(program, survivors);
			return -1;
		}
		pause_before_look(since);
	}
	return guest_now() - since;
}

/* What an audit of the machine would say of the program. */
static void observe_program(const struct proc_info *program)
{
	char path[64];
	char *cgroup;

	snprintf(path, sizeof(path), "%d/cgroup", program->pid);
	cgroup = procfs_file_at(truth_proc_fd, path, NULL);
	if (cgroup)
		cgroup[strcspn(cgroup, "\n")] = '\0';
	observe("host.during.", "session_uid", json_integer(program->uid));
	observe("host.during.", "session_inner_pid", json_integer(inner_pid(program)));
	observe("host.during.", "session_cgroup", cgroup ? json_string(cgroup) : json_null());
	free(cgroup);
}

/* Which of its namespaces are not the host's. */
static json_t *own_namespaces(const struct proc_info *program)
{
	static const char *const kinds[] = {"cgroup", "ipc",  "mnt",  "net",
	                                    "pid",    "time", "user", "uts"};
	json_t *own = json_array();
	char who[16];

	snprintf(who, sizeof(who), "%d", program->pid);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (procfs_ns_at(truth_proc_fd, who, kinds[i]) !=
		    procfs_ns_at(truth_proc_fd, "1", kinds[i]))
			json_array_append_new(own, json_string(kinds[i]));
	return own;
}

static size_t add_once(uint64_t *known, size_t n, size_t room, uint64_t ns)
{
	for (size_t i = 0; i < n; i++)
		if (known[i] == ns)
			return n;
	if (n < room && ns)
		known[n++] = ns;
	return n;
}

void session_observe(void)
{
	struct proc_info *procs = NULL;
	json_t *pids = json_array();
	const struct proc_info *program;
	uint64_t mntns[64];
	size_t n = 0, n_mntns = 0, zombies = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	program = session_find_in(procs, n);
	for (size_t i = 0; program && i < n; i++) {
		const struct proc_info *p = &procs[i];

		/* A zombie has no namespaces left to read, but still its pids in them. */
		if (p->levels != program->levels ||
		    (p->pidns ? p->pidns != program->pidns : program->levels == 1))
			continue;
		json_array_append_new(pids, json_integer(inner_pid(p)));
		zombies += p->state == 'Z';
		n_mntns = add_once(mntns, n_mntns, 64, p->mntns);
	}
	observe("host.during.", "session_found", json_boolean(program));
	observe("host.during.", "session_pids", pids);
	observe("host.during.", "session_isolated", json_boolean(program && program->levels > 1));
	observe("host.during.", "session_mntns", json_integer(n_mntns));
	observe("host.during.", "session_zombies", json_integer(zombies));
	if (program)
		observe_program(program);
	if (program && truth_wanted("host.during.", "session_namespaces"))
		observe("host.during.", "session_namespaces", own_namespaces(program));
	if (truth_wanted("host.during.", "victims_changed"))
		observe("host.during.", "victims_changed", harm_of_victims());
	if (truth_selects())
		bystander_observe();
	records_observe(procs, n, program);
	service_observe_during(procs, n);
	free(procs);
}

/* Does nothing but say so if the session is not in a PID namespace of its own. */
void act_kill_init(void)
{
	json_t *survivors = json_array();
	struct proc_info program;
	int64_t gone;
	pid_t init = session_find(&program) ? session_init(&program) : 0;

	observe("host.killed.", "init", init ? json_integer(init) : json_null());
	if (!init) {
		json_decref(survivors);
		return;
	}
	kill(init, SIGKILL);
	gone = session_wait_gone(&program, 2 * SECOND_NS, survivors);
	observe("host.killed.", "survivors", survivors);
	observe("host.killed.", "gone_ns", gone < 0 ? json_null() : json_integer(gone));
}

/* The session's program may be in a step that waits: the signal interrupts it, and it goes on. */
void act_signal_session(void)
{
	struct proc_info program;
	bool found = session_find(&program);

	if (!found || kill(program.pid, SIGUSR2) < 0)
		report_fault("signal the session: %s", found ? strerror(errno) : "none is there");
	pause_ns(SECOND_NS / 20);
}
