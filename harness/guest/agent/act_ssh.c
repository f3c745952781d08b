/* What people do by ssh beside logging in. It is done as bob, whose shell is one, from outside of
 * the session that holds meanwhile. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actions.h"
#include "report.h"
#include "run.h"

#define SSH_OPTIONS                                                                                \
	" -F none -o BatchMode=yes -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no"    \
	" -o LogLevel=ERROR -o IdentitiesOnly=yes -o IdentityFile=/root/.ssh/id_rsa"               \
	" -o KexAlgorithms=ecdh-sha2-nistp256 -o HostKeyAlgorithms=rsa-sha2-256"                   \
	" -o PubkeyAcceptedAlgorithms=rsa-sha2-256 -o Ciphers=aes128-ctr -o "                      \
	"MACs=umac-64-etm@openssh.com "

/* A second sshd: its sessions have a root that has no /proc, and no program but sshd's own sftp
 * server. */
#define JAIL                                                                                       \
	"mkdir -p /srv/jail && echo jailed >/srv/jail/file && /usr/sbin/sshd -p 2222"              \
	" -o HostKey=/etc/ssh/ssh_host_rsa_key -o PidFile=/run/jail.pid -o "                       \
	"ChrootDirectory=/srv/jail"                                                                \
	" -o ForceCommand=internal-sftp"                                                           \
	" -o 'Subsystem=sftp internal-sftp'"

/* What is forwarded leads to a service of ours. bash has connections of its own. */
#define GREETING "good morning"
#define GREETED  "read -r -t 5 line <&3 && test \"$line\" = '" GREETING "'"

enum { GREETER_PORT = 2210 };

static const struct {
	const char *name, *command;
} uses[] = {
    {"scp",
     "scp" SSH_OPTIONS "/etc/hostname bob@127.0.0.1:copy && cmp /etc/hostname /home/bob/copy"},
    /* Over the connection that is there for the forwardings; scp has had one of its own. */
    {"sftp", "echo 'get copy /run/back' | sftp" SSH_OPTIONS "-o ControlPath=/run/forwards -b -"
             " bob@127.0.0.1 >/dev/null && cmp /etc/hostname /run/back"},
    {"local", "exec 3<>/dev/tcp/127.0.0.1/2211 && " GREETED},
    {"remote", "exec 3<>/dev/tcp/127.0.0.1/2212 && " GREETED},
    /* SOCKS 4: connect to port 2210 of 127.0.0.1; the answer has eight bytes. */
    {"dynamic",
     "exec 3<>/dev/tcp/127.0.0.1/2213 && printf '\\4\\1\\10\\242\\177\\0\\0\\1\\0' >&3 && "
     "dd bs=1 count=8 status=none <&3 >/dev/null && " GREETED},
    {"chroot",
     "echo 'get file /run/jailed' | sftp" SSH_OPTIONS "-P 2222 -b - bob@127.0.0.1 >/dev/null && "
     "cmp /srv/jail/file /run/jailed"},
};

static int run_bash(const char *command)
{
	char *argv[] = {"/usr/bin/timeout", "10", "/bin/bash", "-c", (char *)command, NULL};
	pid_t pid = start_program(argv, "/dev/console", 0);

	return pid < 0 ? -1 : wait_for(pid);
}

static _Noreturn void greet(int listener)
{
	become_ordinary();
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || write(fd, GREETING "\n", strlen(GREETING "\n")) < 0)
			_exit(1);
		close(fd);
	}
}

/* Returns its pid, or -1. */
static pid_t start_greeter(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons(GREETER_PORT),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid = -1;

	if (listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(listener, 8) == 0)
		pid = fork();
	if (pid == 0)
		greet(listener);
	if (pid < 0)
		report_fault("start a service for ssh to forward to: %s", strerror(errno));
	if (listener >= 0)
		close(listener);
	return pid;
}

void act_use_ssh(void)
{
	json_t *worked = json_array();
	pid_t greeter = start_greeter();

	if (run_quietly("cp /root/.ssh/id_rsa.pub /home/bob/.ssh/authorized_keys && " JAIL) != 0)
		report_fault("prepare for ssh: see the guest's console");
	run_quietly("ssh" SSH_OPTIONS "-o ExitOnForwardFailure=yes -f -N -M -S /run/forwards"
	            " -L 2211:127.0.0.1:2210 -R 2212:127.0.0.1:2210 -D 2213 bob@127.0.0.1"
	            " </dev/null >/dev/null 2>&1");
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (run_bash(uses[i].command) == 0)
			json_array_append_new(worked, json_string(uses[i].name));
	run_quietly("ssh -F none -S /run/forwards -O exit bob@127.0.0.1 >/dev/null 2>&1; "
	            "kill $(cat /run/jail.pid)");
	if (greeter > 0) {
		kill(greeter, SIGKILL);
		wait_for(greeter);
	}
	observe("host.ssh.", "worked", worked);
}
