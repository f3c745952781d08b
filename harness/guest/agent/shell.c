/* A person's terminal in a login: the entry on the second serial line, a root shell outside the
 * session on the third. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "jobs.h"
#include "report.h"
#include "run.h"

struct way {
	const char *entry, *command;
};

static const struct way ways[] = {
    {"su", "exec su alice"},
    {"su-l", "exec su - alice"},
    {"sudo", "exec setpriv --reuid carol --regid carol --init-groups sudo -u alice -s"},
    {"sudo-pty", "exec setpriv --reuid dave --regid dave --init-groups sudo -u alice -s"},
    {"sshd", "exec ssh -t -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
             "-o LogLevel=ERROR alice@127.0.0.1"},
    {"sshd-kbdint", "exec ssh -t -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                    "-o LogLevel=ERROR -o PreferredAuthentications=keyboard-interactive "
                    "alice@127.0.0.1"},
    {"login", "exec login"},
};

static pid_t start_on(const char *tty, const char *command, int rows, int columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	become_ordinary();
	setsid();
	fd = open(tty, O_RDWR);
	if (fd < 0)
		_exit(126);
	ioctl(fd, TIOCSCTTY, 1);
	if (rows && columns)
		ioctl(fd, TIOCSWINSZ, &size);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close_range(3, ~0U, 0);
	setenv("TERM", "vt102", 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int run_shell(json_t *job)
{
	const char *entry = json_string_value(json_object_get(job, "entry"));
	int rows = json_integer_value(json_object_get(job, "rows"));
	int columns = json_integer_value(json_object_get(job, "columns"));
	const char *command = NULL;
	pid_t root, login;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (entry && !strcmp(ways[i].entry, entry))
			command = ways[i].command;
	if (!command) {
		report_fault("no interactive login through \"%s\"", entry ? entry : "");
		return 0;
	}
	root = start_on("/dev/ttyS2", "cd /root; while :; do PS1='outside# ' sh -i; done", rows,
	                columns);
	login = start_on("/dev/ttyS1", command, rows, columns);
	observe("shell.", "status", json_integer(login < 0 ? -1 : wait_for(login)));
	(void)root;
	return 0;
}
