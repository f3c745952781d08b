/* Calls that take a pid: signals, pidfds, groups, owners of descriptors, clocks, namespaces. What
 * is right comes from kernel/signal.c, kernel/pid.c, kernel/sys.c, fs/fcntl.c,
 * kernel/time/posix-cpu-timers.c, drivers/tty/tty_jobctrl.c and fs/nsfs.c: each looks the pid up in
 * the caller's PID namespace, and has a word for "no such process" that is the same for every pid.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe/calls.h"

/* Newer than the headers of Debian 12. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
#define NSFS_IOCTL(nr, type)   _IOR(0xb7, nr, type)
#define NS_GET_PID_FROM_PIDNS  NSFS_IOCTL(0x6, int)
#define NS_GET_TGID_FROM_PIDNS NSFS_IOCTL(0x7, int)
#define PROCESS_CPU_CLOCK(pid) ((clockid_t)(~(unsigned)(pid) << 3 | 2)) /* CPUCLOCK_SCHED */

/* --- signals ------------------------------------------------------------------------------------
 */

static int call_kill(pid_t pid)
{
	return kill(pid, 0);
}

static int call_kill_group(pid_t pid)
{
	return kill(-pid, 0);
}

static int call_tkill(pid_t pid)
{
	return (int)syscall(SYS_tkill, pid, 0);
}

static int call_tgkill(pid_t pid)
{
	return (int)syscall(SYS_tgkill, pid, pid, 0);
}

static siginfo_t queued(void)
{
	siginfo_t si = {.si_code = SI_QUEUE};

	si.si_pid = getpid();
	si.si_uid = getuid();
	return si;
}

static int call_sigqueueinfo(pid_t pid)
{
	siginfo_t si = queued();

	return (int)syscall(SYS_rt_sigqueueinfo, pid, 0, &si);
}

static int call_tgsigqueueinfo(pid_t pid)
{
	siginfo_t si = queued();

	return (int)syscall(SYS_rt_tgsigqueueinfo, pid, pid, 0, &si);
}

/* Tells children from others, outside too. */
static int call_waitid(pid_t pid)
{
	siginfo_t si;

	return waitid(P_PID, pid, &si, WEXITED | WNOHANG);
}

static const struct call signal_calls[] = {
    {"kill", call_kill, {ESRCH}},
    {"kill-group", call_kill_group, {ESRCH}},
    {"tkill", call_tkill, {ESRCH}},
    {"tgkill", call_tgkill, {ESRCH}},
    {"rt_sigqueueinfo", call_sigqueueinfo, {ESRCH}},
    {"rt_tgsigqueueinfo", call_tgsigqueueinfo, {ESRCH}},
    {"waitid", call_waitid, {ECHILD}},
};
CALLS_STEP(signal_calls)

/* --- pidfds -------------------------------------------------------------------------------------
 */

static int open_pidfd(pid_t pid, unsigned flags)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, flags);

	if (fd >= 0)
		close(fd);
	return fd;
}

static int call_pidfd(pid_t pid)
{
	return open_pidfd(pid, 0);
}

/* Of a thread: since 6.9, EINVAL before. */
static int call_pidfd_thread(pid_t pid)
{
	return open_pidfd(pid, PIDFD_THREAD);
}

static const struct call pidfd_calls[] = {
    {"pidfd_open", call_pidfd, {ESRCH}},
    {"pidfd_open-thread", call_pidfd_thread, {ESRCH, EINVAL}},
};
CALLS_STEP(pidfd_calls)

/* --- groups, sessions, terminal -----------------------------------------------------------------
 */

static int call_getpgid(pid_t pid)
{
	return getpgid(pid);
}

static int call_getsid(pid_t pid)
{
	return getsid(pid);
}

static int call_setpgid_of(pid_t pid)
{
	return setpgid(pid, 0);
}

/* EPERM also outside: the group is in another session. */
static int call_setpgid_to(pid_t pid)
{
	return setpgid(0, pid);
}

/* Without a controlling terminal there is nothing to give: ENXIO, ENOTTY. */
static int call_tcsetpgrp(pid_t pid)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC), rc, saved;

	if (fd < 0)
		return -1;
	rc = tcsetpgrp(fd, pid);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

/* EINVAL without CONFIG_SCHED_CORE, ENODEV without threads of a core. */
static int call_core_cookie(pid_t pid)
{
	unsigned long cookie;

	return prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, pid, 0, &cookie);
}

static const struct call group_calls[] = {
    {"getpgid", call_getpgid, {ESRCH}},
    {"getsid", call_getsid, {ESRCH}},
    {"setpgid-of", call_setpgid_of, {ESRCH}},
    {"setpgid-to", call_setpgid_to, {EPERM}},
    {"tcsetpgrp", call_tcsetpgrp, {ESRCH, ENOTTY, ENXIO}},
    {"core-cookie", call_core_cookie, {ESRCH, EINVAL, ENODEV}},
};
CALLS_STEP(group_calls)

/* --- who gets the signals of a descriptor -------------------------------------------------------
 */

static int own_socket(pid_t pid, int (*set)(int fd, pid_t pid))
{
	int pair[2], rc, saved;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	rc = set(pair[0], pid);
	saved = errno;
	close(pair[0]);
	close(pair[1]);
	errno = saved;
	return rc;
}

static int set_own(int fd, pid_t pid)
{
	return fcntl(fd, F_SETOWN, pid);
}

static int set_own_ex(int fd, pid_t pid, int type)
{
	return fcntl(fd, F_SETOWN_EX, &(struct f_owner_ex){.type = type, .pid = pid});
}

static int set_own_thread(int fd, pid_t pid)
{
	return set_own_ex(fd, pid, F_OWNER_TID);
}

static int set_own_process(int fd, pid_t pid)
{
	return set_own_ex(fd, pid, F_OWNER_PID);
}

static int set_own_group(int fd, pid_t pid)
{
	return set_own_ex(fd, pid, F_OWNER_PGRP);
}

static int set_fiosetown(int fd, pid_t pid)
{
	return ioctl(fd, FIOSETOWN, &pid);
}

static int set_siocspgrp(int fd, pid_t pid)
{
	return ioctl(fd, SIOCSPGRP, &pid);
}

static int call_own(pid_t pid)
{
	return own_socket(pid, set_own);
}

static int call_own_negative(pid_t pid)
{
	return own_socket(-pid, set_own);
}

static int call_own_thread(pid_t pid)
{
	return own_socket(pid, set_own_thread);
}

static int call_own_process(pid_t pid)
{
	return own_socket(pid, set_own_process);
}

static int call_own_group(pid_t pid)
{
	return own_socket(pid, set_own_group);
}

static int call_fiosetown(pid_t pid)
{
	return own_socket(pid, set_fiosetown);
}

static int call_siocspgrp(pid_t pid)
{
	return own_socket(pid, set_siocspgrp);
}

static const struct call owner_calls[] = {
    {"F_SETOWN", call_own, {ESRCH}},
    {"F_SETOWN-group", call_own_negative, {ESRCH}},
    {"F_SETOWN_EX-thread", call_own_thread, {ESRCH}},
    {"F_SETOWN_EX-process", call_own_process, {ESRCH}},
    {"F_SETOWN_EX-group", call_own_group, {ESRCH}},
    {"FIOSETOWN", call_fiosetown, {ESRCH}},
    {"SIOCSPGRP", call_siocspgrp, {ESRCH}},
};
CALLS_STEP(owner_calls)

/* --- clocks and timers --------------------------------------------------------------------------
 */

static int call_cpu_time(pid_t pid)
{
	struct timespec t;

	return (int)syscall(SYS_clock_gettime, PROCESS_CPU_CLOCK(pid), &t);
}

static int call_cpu_resolution(pid_t pid)
{
	struct timespec t;

	return (int)syscall(SYS_clock_getres, PROCESS_CPU_CLOCK(pid), &t);
}

/* What the C library makes of it: ESRCH for every clock that is none. */
static int call_cpu_clock_id(pid_t pid)
{
	clockid_t id;

	errno = clock_getcpuclockid(pid, &id);
	return errno ? -1 : 0;
}

static int create_timer(clockid_t clock, struct sigevent *event)
{
	int id, rc = (int)syscall(SYS_timer_create, clock, event, &id);

	if (rc == 0)
		syscall(SYS_timer_delete, id);
	return rc;
}

static int call_cpu_timer(pid_t pid)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};

	return create_timer(PROCESS_CPU_CLOCK(pid), &event);
}

/* Outside too only for threads of one's own. */
static int call_thread_timer(pid_t pid)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};

	event._sigev_un._tid = pid;
	return create_timer(CLOCK_MONOTONIC, &event);
}

static const struct call clock_calls[] = {
    {"clock_gettime", call_cpu_time, {EINVAL}},
    {"clock_getres", call_cpu_resolution, {EINVAL}},
    {"clock_getcpuclockid", call_cpu_clock_id, {ESRCH}},
    {"timer_create", call_cpu_timer, {EINVAL}},
    {"timer_create-thread", call_thread_timer, {EINVAL}},
};
CALLS_STEP(clock_calls)

/* --- translation by a namespace -----------------------------------------------------------------
 */

static int ask_own_namespace(unsigned long request, pid_t pid)
{
	int fd = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), rc, saved;

	if (fd < 0)
		return -1;
	rc = ioctl(fd, request, pid);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int call_thread_from(pid_t pid)
{
	return ask_own_namespace(NS_GET_PID_FROM_PIDNS, pid);
}

static int call_process_from(pid_t pid)
{
	return ask_own_namespace(NS_GET_TGID_FROM_PIDNS, pid);
}

static const struct call translate_calls[] = {
    {"NS_GET_PID_FROM_PIDNS", call_thread_from, {ESRCH}},
    {"NS_GET_TGID_FROM_PIDNS", call_process_from, {ESRCH}},
};
CALLS_STEP(translate_calls)
