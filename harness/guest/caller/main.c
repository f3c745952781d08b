/* An application that opens a session, and looks at itself: what has the module left changed in it,
 * while the session is open and after? It does what su does, and what su does not but other
 * applications do: it has a child of its own beside the session, handlers for SIGCHLD and for the
 * end of the process, a name of its own in the system log, and it opens a second session after the
 * first.
 *
 * With --no-session it does what a screen lock or an agent does that asks for a password: it
 * authenticates and never opens a session, and the program is one of the host's.
 *
 * usage: caller [--no-session] USER PROGRAM */
#include <fcntl.h>
#include <poll.h>
#include <grp.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "after.h"
#include "common/case_files.h"
#include "common/json_line.h"
#include "memory.h"
#include "state.h"
#include "sweep.h"

#define IDENT "pamlab-caller"

enum { BYSTANDER_STATUS = 5 };

/* Exit status: 0 or the session's; 1 if it was refused; this if it was opened and no process could
 * be started in it. */
enum { OPENED_IN_VAIN = 3 };

enum { SHORT_STAY_MS = 20 };

static int out = -1;        /* the entry's observations */
static volatile int *exits; /* how often the exit handler ran, in any copy of this process */
static const struct passwd *user;

static void observe(const char *name, json_t *value)
{
	if (json_line_observe(out, name, value) < 0)
		perror("caller");
}

static void on_exit_of_any(void)
{
	++*exits;
}

static void on_child(int sig)
{
	(void)sig;
}

static int answer(int n, const struct pam_message **msg, struct pam_response **resp, void *data)
{
	(void)msg, (void)data;
	*resp = calloc(n, sizeof(**resp));
	return *resp ? PAM_SUCCESS : PAM_CONV_ERR;
}

/* --- the system log ------------------------------------------------------------------------------
 */

/* Nobody else listens there in the guest. */
static int listen_to_log(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlink(at.sun_path);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		perror("caller: /dev/log");
	return fd;
}

/* Is a message of ours still said to be ours? */
static bool is_named_right(int log)
{
	char line[1024], wanted[64];
	bool right = false;
	ssize_t n;

	while (recv(log, line, sizeof(line), 0) > 0)
		;
	syslog(LOG_INFO, "who is this?");
	snprintf(wanted, sizeof(wanted), IDENT "[%d]: who is this?", getpid());
	while ((n = recv(log, line, sizeof(line) - 1, 0)) > 0) {
		line[n] = '\0';
		right |= strstr(line, wanted) != NULL;
	}
	return right;
}

/* --- children ------------------------------------------------------------------------------------
 */

static _Noreturn void run_program(char *program)
{
	char *argv[] = {program, NULL};

	if (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 ||
	    setuid(user->pw_uid) < 0)
		_exit(126);
	execv(program, argv);
	_exit(127);
}

/* Without a program it is a process that comes and goes, but is there for as long as one would be.
 */
static pid_t start(char *program)
{
	pid_t pid = fork();

	if (pid == 0 && program)
		run_program(program);
	if (pid == 0) {
		usleep(SHORT_STAY_MS * 1000);
		_exit(0);
	}
	return pid;
}

/* Does anybody hold an end of a pipe that the caller has closed? Whoever waits for the end of file
 * on its output would wait for that one, too. */
static bool is_held(int canary[2])
{
	struct pollfd p = {.fd = canary[0], .events = POLLIN};

	close(canary[1]);
	return poll(&p, 1, 0) != 1 || !(p.revents & POLLHUP);
}

/* A child that ends at once and is waited for when the session is over. It is outside the session,
 * and as it ends without a signal wait(2) finds it only if asked for such (clone(2)). */
static pid_t start_bystander(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);

	if (pid == 0)
		_exit(BYSTANDER_STATUS);
	setpgid(pid, pid); /* it may not have run yet */
	return pid;
}

/* --- the course of things ------------------------------------------------------------------------
 */

static int open_second(void)
{
	struct pam_conv conv = {answer, NULL};
	pam_handle_t *pamh = NULL;
	int rc;

	if (pam_start_confdir(IDENT, user->pw_name, &conv, CALLER_STACKS, &pamh) != PAM_SUCCESS)
		return -1;
	rc = pam_open_session(pamh, 0);
	if (rc == PAM_SUCCESS)
		rc = pam_close_session(pamh, 0);
	pam_end(pamh, rc);
	return rc;
}

static void look_after(const json_t *before, int log)
{
	struct after after;

	after_look(before, &after);
	observe("caller.after.changed", after.changed);
	observe("caller.after.children", json_string(after.children));
	observe("caller.after.exit_handlers", json_integer(*exits));
	observe("caller.after.log_named_right", json_boolean(is_named_right(log)));
	observe("caller.after.can_fork", json_boolean(after.can_fork));
}

static int run_session(pam_handle_t *pamh, const json_t *before, char *program, int log,
                       int canary[2], pid_t bystander)
{
	json_t *open = state_take();
	pid_t session, first;
	int status, rc;

	observe("caller.open.changed", state_difference(before, open));
	json_decref(open);
	observe("caller.open.children", json_string(children_found(P_ALL, 0, 0)));
	observe("caller.open.log_named_right", json_boolean(is_named_right(log)));
	/* A helper there gets the signals of the terminal, and whatever is sent to the group. */
	observe("caller.open.group", json_string(children_found(P_PGID, (id_t)getpgrp(), __WALL)));
	observe("caller.open.descriptors_held", json_boolean(is_held(canary)));
	observe("caller.open.secret_in", memory_holders(bystander));
	/* Not everything that an application starts is the session: this comes and goes before. */
	first = start(NULL);
	if (first > 0)
		child_wait(first);
	session = start(program);
	if (session < 0) /* for a moment there were too many; once more */
		session = start(program);
	if (session < 0) {
		pam_close_session(pamh, 0);
		return OPENED_IN_VAIN;
	}
	status = child_wait(session);
	rc = pam_close_session(pamh, 0);
	observe("caller.closed", json_integer(rc));
	return status;
}

static int authenticate(char *program, int log)
{
	struct pam_conv conv = {answer, NULL};
	pam_handle_t *pamh = NULL;
	json_t *before = state_take();
	int rc = pam_start_confdir(IDENT, user->pw_name, &conv, CALLER_STACKS, &pamh), status = 1;
	pid_t pid;

	if (rc == PAM_SUCCESS)
		rc = pam_authenticate(pamh, 0);
	if (rc == PAM_SUCCESS)
		rc = pam_acct_mgmt(pamh, 0);
	if (rc == PAM_SUCCESS)
		rc = pam_setcred(pamh, PAM_REINITIALIZE_CRED);
	if (rc == PAM_SUCCESS) {
		pid = start(program);
		status = pid < 0 ? OPENED_IN_VAIN : child_wait(pid);
	}
	pam_end(pamh, rc);
	look_after(before, log);
	json_decref(before);
	unlink("/dev/log");
	return status;
}

int main(int argc, char **argv)
{
	bool no_session = argc > 1 && !strcmp(argv[1], "--no-session");
	struct sigaction child = {.sa_handler = on_child, .sa_flags = SA_RESTART};
	struct pam_conv conv = {answer, NULL};
	pam_handle_t *pamh = NULL;
	int rc, log, status = 1;
	json_t *before;
	pid_t bystander;
	int canary[2];

	argc -= no_session;
	argv += no_session;
	if (argc != 3 || !(user = getpwnam(argv[1])) || (out = json_line_open(CASE_ENTRY)) < 0 ||
	    state_prepare() < 0 || memory_prepare() < 0) {
		fprintf(stderr, "usage: caller [--no-session] USER PROGRAM, in a case\n");
		return 2;
	}
	exits =
	    mmap(NULL, sizeof(*exits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	atexit(on_exit_of_any);
	sigaction(SIGCHLD, &child, NULL);
	if (chdir("/tmp") < 0)
		return 2;
	log = listen_to_log();
	openlog(IDENT, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	if (no_session)
		return authenticate(argv[2], log);
	if (pam_start_confdir(IDENT, argv[1], &conv, CALLER_STACKS, &pamh) != PAM_SUCCESS)
		return 2;
	if (sweep(pamh, out, log) < 0)
		perror("caller: sweep");
	before = state_take();
	bystander = start_bystander();
	if (pipe2(canary, O_CLOEXEC) < 0) /* which the bystander has not got */
		return 2;
	rc = pam_open_session(pamh, 0);
	observe("caller.opened", json_integer(rc));
	if (rc == PAM_SUCCESS)
		status = run_session(pamh, before, argv[2], log, canary, bystander);
	observe("caller.bystander", json_integer(child_wait(bystander)));
	look_after(before, log);
	if (rc == PAM_SUCCESS)
		observe("caller.second", json_integer(open_second()));
	pam_end(pamh, rc);
	unlink("/dev/log");
	json_decref(before);
	return status;
}
