/* pam_unshare_sketch: the known bad case of the lab.
 *
 * A PID and mount namespace for each session, done the way a first sketch does it. The code was
 * written for the lab; its behaviour is that of a sketch published in 2016. Every defect below is
 * kept on purpose: the lab has to find it, and a scenario that does not is worth nothing. Do not
 * install this module anywhere. Do not repair it: pam_pidns is the repaired one.
 *
 *  D1  stale errno       the second loop reads the errno that the first one left behind: a kill()
 *                        that succeeds does not clear it, so init may leave at once and take the
 *                        session with it. Kept: it is a race, found by schedules and not by luck.
 *  D2  late /proc        the child mounts /proc while the session already runs. Kept: the race for
 *                        the session's first instruction.
 *  D3  unseen failure    the child's mount may fail after the parent said PAM_SUCCESS. Kept: the
 *                        case for fault injection in the helper.
 *  D4  blind spinner     a process 2 that came and went is never seen: init spins for ever. Kept:
 *                        what is left behind, and burns a CPU, after a short session.
 *  D5  no process 2      open and close without a fork leave the same spinner. Kept: pamtester.
 *  D6  wrong leader      process 2 is whoever forks first, a later module's helper for one. Kept:
 *                        the order of the stack.
 *  D7  abrupt end        the end of process 2 kills everything else up to 0.5 s later. Kept: the
 *                        time that teardown takes.
 *  D8  no reaping        orphans stay zombies. Kept: the zombie count.
 *  D9  shared mounts     no MS_PRIVATE: with a shared / the host loses its own /proc. Kept: host
 *                        damage, seen from outside only.
 *  D10 busy /proc        a mount below /proc makes umount() fail. Kept: refusal, and with D12 a
 *                        session that runs without isolation.
 *  D11 chosen cwd        so does a working directory in /proc, which the caller's user chooses.
 *  D12 no roll back      after a failure the caller stays in its new namespaces, and the error is
 *                        PAM_SESSION_ERR, which sudo does not take for fatal. Kept: fail-open.
 *  D13 lost /proc/self   modules after this one have no /proc/self. Kept: loginuid, pam_namespace.
 *  D14 inherited files   init keeps every descriptor and the title of the application. Kept: end
 *                        of file on a pipe comes late, the command line shows.
 *  D15 exit()            runs the application's atexit handlers and flushes its stdio twice.
 *  D16 openlog()         replaces the application's own identity in the system log.
 *  D17 root too          no exemption for anybody. Kept: it is a choice that a contract states.
 *  D18 signals           init keeps the dispositions of the application and is not told when the
 *                        application dies. Kept: kill -9 of su leaves a session behind.
 *  D19 inner numbers     PIDs of the session reach sudo, which uses them outside. Kept: it comes
 *                        with any PID namespace, so pam_pidns has it too.
 *  D20 unchecked fork    fork() may fail; the session opens without init and without /proc.
 */
#include <errno.h>
#include <sched.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#define EXPORT PAM_EXTERN __attribute__((visibility("default")))

static void open_log(void)
{
	openlog("pam_unshare_sketch", LOG_PID, LOG_AUTHPRIV); /* D16 */
}

static void run_init(void)
{
	open_log();
	syslog(LOG_DEBUG, "init: started as process %d", (int)getpid());
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) == -1) { /* D2 */
		syslog(LOG_DEBUG, "init: mount /proc: %m");
		exit(1); /* D3, D15 */
	}
	syslog(LOG_DEBUG, "init: mounted /proc");
	syslog(LOG_DEBUG, "init: waiting for process 2");
	while (kill(2, 0) == -1 && errno == ESRCH) /* D4, D5 */
		;
	syslog(LOG_DEBUG, "init: process 2 is there");
	while (kill(2, 0) != -1 && errno != ESRCH) /* D1, D6, D8 */
		usleep(500000);
	syslog(LOG_DEBUG, "init: process 2 is gone");
	closelog();
	exit(0); /* D7, D15 */
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;
	pid_t pid;

	(void)flags, (void)argc, (void)argv;
	open_log();
	syslog(LOG_DEBUG, "open_session: called");
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS) {
		syslog(LOG_DEBUG, "open_session: no user");
		return PAM_SESSION_ERR;
	}
	syslog(LOG_DEBUG, "open_session: user %s", user);
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) == -1) {
		syslog(LOG_DEBUG, "open_session: unshare: %m");
		return PAM_SESSION_ERR;
	}
	syslog(LOG_DEBUG, "open_session: unshared");
	if (access("/proc/cpuinfo", R_OK) == 0) {
		syslog(LOG_DEBUG, "open_session: /proc is mounted");
		if (umount("/proc") == -1) { /* D9, D10, D11 */
			syslog(LOG_DEBUG, "open_session: umount /proc: %m");
			return PAM_SESSION_ERR; /* D12 */
		}
	}
	pid = fork(); /* D14, D18, D20 */
	if (pid == 0)
		run_init();
	syslog(LOG_DEBUG, "open_session: init is process %d", (int)pid);
	closelog();
	return PAM_SUCCESS;
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	open_log();
	syslog(LOG_DEBUG, "close_session: called");
	closelog();
	return PAM_SUCCESS;
}
