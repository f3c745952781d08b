/* Calls that take a pid: scheduling, limits, memory, events. Where a call sets something, it sets
 * what is there already, so that it leaves even a victim that it reaches as it was. What is right
 * comes from kernel/sys.c, block/ioprio.c, kernel/sched/, kernel/capability.c, kernel/futex/,
 * kernel/ptrace.c, mm/process_vm_access.c, mm/migrate.c, mm/mempolicy.c, kernel/kcmp.c and
 * kernel/events/core.c. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/calls.h"

/* linux/ioprio.h is newer than some C libraries' headers. */
enum { IO_WHO_PROCESS = 1, IO_WHO_PGRP = 2, IO_NONE = 0 };

/* The victims are this same program, without position independence: what lies here lies there. */
static const char legible[8] = "legible";
static char writable[8] = "writabl";

/* --- scheduling ---------------------------------------------------------------------------------
 */

/* A priority can be negative: only errno tells. */
static int get_priority(int which, pid_t pid)
{
	errno = 0;
	getpriority(which, (id_t)pid);
	return errno ? -1 : 0;
}

static int call_getpriority(pid_t pid)
{
	return get_priority(PRIO_PROCESS, pid);
}

static int call_getpriority_group(pid_t pid)
{
	return get_priority(PRIO_PGRP, pid);
}

static int call_setpriority(pid_t pid)
{
	return setpriority(PRIO_PROCESS, (id_t)pid, 0);
}

static int call_setpriority_group(pid_t pid)
{
	return setpriority(PRIO_PGRP, (id_t)pid, 0);
}

static int call_ioprio_get(pid_t pid)
{
	return (int)syscall(SYS_ioprio_get, IO_WHO_PROCESS, pid);
}

static int call_ioprio_get_group(pid_t pid)
{
	return (int)syscall(SYS_ioprio_get, IO_WHO_PGRP, pid);
}

static int call_ioprio_set(pid_t pid)
{
	return (int)syscall(SYS_ioprio_set, IO_WHO_PROCESS, pid, IO_NONE);
}

static int call_ioprio_set_group(pid_t pid)
{
	return (int)syscall(SYS_ioprio_set, IO_WHO_PGRP, pid, IO_NONE);
}

static int call_getscheduler(pid_t pid)
{
	return sched_getscheduler(pid);
}

static int call_setscheduler(pid_t pid)
{
	return sched_setscheduler(pid, SCHED_OTHER, &(struct sched_param){0});
}

static int call_getparam(pid_t pid)
{
	struct sched_param p;

	return sched_getparam(pid, &p);
}

static int call_setparam(pid_t pid)
{
	return sched_setparam(pid, &(struct sched_param){0});
}

/* linux/sched/types.h: its first version, 48 bytes. */
struct attributes {
	unsigned size, policy;
	unsigned long long flags;
	int nice;
	unsigned priority;
	unsigned long long runtime, deadline, period;
};

static int call_getattr(pid_t pid)
{
	struct attributes a;

	return (int)syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0);
}

static int call_setattr(pid_t pid)
{
	struct attributes a = {.size = sizeof(a), .policy = SCHED_OTHER};

	return (int)syscall(SYS_sched_setattr, pid, &a, 0);
}

static int call_getaffinity(pid_t pid)
{
	cpu_set_t set;

	return sched_getaffinity(pid, sizeof(set), &set);
}

static int call_setaffinity(pid_t pid)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -1;
	return sched_setaffinity(pid, sizeof(set), &set);
}

static int call_rr_interval(pid_t pid)
{
	struct timespec t;

	return sched_rr_get_interval(pid, &t);
}

static const struct call schedule_calls[] = {
    {"getpriority", call_getpriority, {ESRCH}},
    {"getpriority-group", call_getpriority_group, {ESRCH}},
    {"setpriority", call_setpriority, {ESRCH}},
    {"setpriority-group", call_setpriority_group, {ESRCH}},
    {"ioprio_get", call_ioprio_get, {ESRCH}},
    {"ioprio_get-group", call_ioprio_get_group, {ESRCH}},
    {"ioprio_set", call_ioprio_set, {ESRCH}},
    {"ioprio_set-group", call_ioprio_set_group, {ESRCH}},
    {"sched_getscheduler", call_getscheduler, {ESRCH}},
    {"sched_setscheduler", call_setscheduler, {ESRCH}},
    {"sched_getparam", call_getparam, {ESRCH}},
    {"sched_setparam", call_setparam, {ESRCH}},
    {"sched_getattr", call_getattr, {ESRCH}},
    {"sched_setattr", call_setattr, {ESRCH}},
    {"sched_getaffinity", call_getaffinity, {ESRCH}},
    {"sched_setaffinity", call_setaffinity, {ESRCH}},
    {"sched_rr_get_interval", call_rr_interval, {ESRCH}},
};
CALLS_STEP(schedule_calls)

/* --- limits, capabilities, futexes --------------------------------------------------------------
 */

static int call_getlimit(pid_t pid)
{
	struct rlimit limit;

	return prlimit(pid, RLIMIT_NOFILE, NULL, &limit);
}

static int call_setlimit(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_NOFILE, NULL, &limit) < 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return prlimit(pid, RLIMIT_NOFILE, &limit, NULL);
}

static int call_capget(pid_t pid)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, pid};
	struct __user_cap_data_struct data[2];

	return (int)syscall(SYS_capget, &head, data);
}

static int call_robust_list(pid_t pid)
{
	void *head;
	size_t len;

	return (int)syscall(SYS_get_robust_list, pid, &head, &len);
}

static const struct call limit_calls[] = {
    {"prlimit-get", call_getlimit, {ESRCH}},
    {"prlimit-set", call_setlimit, {ESRCH}},
    {"capget", call_capget, {ESRCH}},
    {"get_robust_list", call_robust_list, {ESRCH}},
};
CALLS_STEP(limit_calls)

/* --- memory -------------------------------------------------------------------------------------
 */

/* PTRACE_DETACH wants a tracee that is stopped; without a signal it goes on as before. */
static void let_go(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) == pid)
		ptrace(PTRACE_DETACH, pid, 0, 0);
}

static int call_attach(pid_t pid)
{
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0)
		return -1;
	let_go(pid);
	return 0;
}

static int call_seize(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		return -1;
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	let_go(pid);
	return 0;
}

static int call_readv(pid_t pid)
{
	char here[sizeof(legible)];
	struct iovec local = {here, sizeof(here)};
	struct iovec remote = {(void *)(size_t)legible, sizeof(legible)};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0 ? -1 : 0;
}

static int call_writev(pid_t pid)
{
	struct iovec local = {writable, sizeof(writable)}, remote = local;

	return process_vm_writev(pid, &local, 1, &remote, 1, 0) < 0 ? -1 : 0;
}

static const struct call memory_calls[] = {
    {"ptrace-attach", call_attach, {ESRCH}},
    {"ptrace-seize", call_seize, {ESRCH}},
    {"process_vm_readv", call_readv, {ESRCH}},
    {"process_vm_writev", call_writev, {ESRCH}},
};
CALLS_STEP(memory_calls)

/* --- what not every kernel is built with --------------------------------------------------------
 */

static int call_kcmp(pid_t pid)
{
	return (int)syscall(SYS_kcmp, pid, getpid(), KCMP_FILE, 1, 1);
}

static int call_move_pages(pid_t pid)
{
	const void *page = legible;
	int status;

	return (int)syscall(SYS_move_pages, pid, 1, &page, NULL, &status, 0);
}

static int call_migrate_pages(pid_t pid)
{
	unsigned long node = 1;

	return (int)syscall(SYS_migrate_pages, pid, 2, &node, &node);
}

static int call_perf(pid_t pid)
{
	struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
	                            .size = sizeof(a),
	                            .config = PERF_COUNT_SW_TASK_CLOCK,
	                            .disabled = 1,
	                            .exclude_kernel = 1,
	                            .exclude_hv = 1};
	int fd = (int)syscall(SYS_perf_event_open, &a, pid, -1, -1, 0);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* EACCES comes first where users may count nothing at all (kernel.perf_event_paranoid=3). */
static const struct call rare_calls[] = {
    {"kcmp", call_kcmp, {ESRCH, ENOSYS}},
    {"move_pages", call_move_pages, {ESRCH, ENOSYS}},
    {"migrate_pages", call_migrate_pages, {ESRCH, ENOSYS}},
    {"perf_event_open", call_perf, {ESRCH, EACCES, ENOSYS}},
};
CALLS_STEP(rare_calls)
