/* A person's terminal in a login: the entry on the second serial line, a root shell outside the
 * session on the third. The job, beside id, job and deadline_ns:
 *
 *     "entry": "su", "term": "xterm", "rows": 24, "columns": 80,
 *     "console": true     a root shell on the third line
 *     "plain": false      commands are piped in: no echo, no prompt (common/shell_files.h)
 *
 * Observes shell.status, the exit status of the entry (128 + signal). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/shell_files.h"
#include "jobs.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

/* -e none: a "~." at the beginning of a line is for the session. The algorithms are those that an
 * emulated processor is done with soonest. */
#define SSH                                                                                        \
	"ssh -t -e none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "              \
	"-o LogLevel=ERROR -o KexAlgorithms=ecdh-sha2-nistp256 -o Ciphers=aes128-ctr "

static const struct {
	const char *entry, *command;
} ways[] = {
    {"su", "exec su alice"},
    {"su-l", "exec su - alice"},
    {"sudo",
     "exec setpriv --reuid carol --regid carol --init-groups sudo -u alice " LIB_DIR "/session"},
    {"sudo-pty",
     "exec setpriv --reuid dave --regid dave --init-groups sudo -u alice " LIB_DIR "/session"},
    {"sshd", "exec " SSH "alice@127.0.0.1"},
    {"sshd-kbdint", "exec " SSH "-o PreferredAuthentications=keyboard-interactive alice@127.0.0.1"},
    {"login", "exec login"},
};

static const char rc[] = "PS1=\"$(id -un)@pamlab:\"'$PWD'"
                         "\"$([ $(id -u) = 0 ] && echo '#' || echo '$') \"\n";

/* Where a user's shell finds them: nothing of this goes through the environment, which su, sudo and
 * sshd each treat in their own way. */
static void make_files(bool plain)
{
	FILE *f;

	mkdir(SHELL_DIR, 0755);
	f = fopen(SHELL_RC, "we");
	if (!f || fputs(rc, f) < 0 || fclose(f) != 0)
		report_fault("write %s: %s", SHELL_RC, strerror(errno));
	f = plain ? fopen(SHELL_PLAIN, "we") : NULL;
	if (f)
		fclose(f);
	else if (plain)
		report_fault("write %s: %s", SHELL_PLAIN, strerror(errno));
}

/* The host's terminal by its name, if the image knows it. */
static void set_term(const char *term)
{
	char path[256];

	if (!term)
		term = "dumb";
	snprintf(path, sizeof(path), "/usr/lib/terminfo/%c/%s", term[0], term);
	setenv("TERM", strchr(term, '/') || access(path, R_OK) < 0 ? "vt102" : term, 1);
}

static void open_terminal(const char *tty, const struct winsize *size)
{
	struct termios t;
	int fd = open(tty, O_RDWR);

	if (fd < 0)
		_exit(126);
	ioctl(fd, TIOCSCTTY, 1);
	if (size->ws_row && size->ws_col)
		ioctl(fd, TIOCSWINSZ, size);
	if (tcgetattr(fd, &t) == 0) {
		t.c_iflag |= IUTF8;
		tcsetattr(fd, TCSANOW, &t);
	}
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close_range(3, ~0U, 0);
}

static _Noreturn void run_command(const char *command)
{
	setpgid(0, 0);
	tcsetpgrp(0, getpid());
	signal(SIGTTOU, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (chdir("/") < 0)
		_exit(126);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* The leader of a terminal's session, and the command as its child: the end of a leader hangs the
 * terminal up, which drops what it has not sent yet. login hangs it up itself, hence SIGHUP. */
static pid_t start_on(const char *tty, const char *command, const struct winsize *size)
{
	pid_t pid = fork(), child;
	int status, fd;

	if (pid != 0)
		return pid;
	become_ordinary();
	setsid();
	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	open_terminal(tty, size);
	child = fork();
	if (child == 0)
		run_command(command);
	status = child < 0 ? 126 : wait_for(child);
	fd = open(tty, O_RDWR | O_NOCTTY);
	if (fd >= 0)
		tcdrain(fd);
	_exit(status);
}

int run_shell(json_t *job)
{
	const char *entry = json_string_value(json_object_get(job, "entry"));
	struct winsize size = {
	    .ws_row = json_integer_value(json_object_get(job, "rows")),
	    .ws_col = json_integer_value(json_object_get(job, "columns")),
	};
	const char *command = NULL;
	pid_t login;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (entry && !strcmp(ways[i].entry, entry))
			command = ways[i].command;
	if (!command) {
		report_fault("no interactive login through \"%s\"", entry ? entry : "");
		return 0;
	}
	prepare(job);
	make_files(json_is_true(json_object_get(job, "plain")));
	set_term(json_string_value(json_object_get(job, "term")));
	if (json_is_true(json_object_get(job, "console")) &&
	    start_on("/dev/ttyS2", "cd /root; while :; do ENV=" SHELL_RC " sh -i; done", &size) < 0)
		report_fault("start the root console: %s", strerror(errno));
	login = start_on("/dev/ttyS1", command, &size);
	observe("shell.", "status", json_integer(login < 0 ? -1 : wait_for(login)));
	return 0;
}
