/* What people do by ssh beside logging in. It is done as bob, whose shell is one, from outside of
 * the session that holds meanwhile. */
#include <stdio.h>

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

/* sshd says "SSH-2.0-..." to who connects. bash has connections of its own. */
#define BANNER "read -r -t 5 line <&3 && case $line in SSH-2*) true;; *) false;; esac"

static const struct {
	const char *name, *command;
} uses[] = {
    {"scp",
     "scp" SSH_OPTIONS "/etc/hostname bob@127.0.0.1:copy && cmp /etc/hostname /home/bob/copy"},
    /* Over the connection that is there for the forwardings; scp has had one of its own. */
    {"sftp", "echo 'get copy /run/back' | sftp" SSH_OPTIONS "-o ControlPath=/run/forwards -b -"
             " bob@127.0.0.1 >/dev/null && cmp /etc/hostname /run/back"},
    {"local", "exec 3<>/dev/tcp/127.0.0.1/2211 && " BANNER},
    {"remote", "exec 3<>/dev/tcp/127.0.0.1/2212 && " BANNER},
    /* SOCKS 4: connect to port 22 of 127.0.0.1; the answer has eight bytes. */
    {"dynamic", "exec 3<>/dev/tcp/127.0.0.1/2213 && printf '\\4\\1\\0\\26\\177\\0\\0\\1\\0' >&3 && "
                "dd bs=1 count=8 status=none <&3 >/dev/null && " BANNER},
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

void act_use_ssh(void)
{
	json_t *worked = json_array();

	if (run_quietly("cp /root/.ssh/id_rsa.pub /home/bob/.ssh/authorized_keys && " JAIL) != 0)
		report_fault("prepare for ssh: see the guest's console");
	run_quietly("ssh" SSH_OPTIONS "-o ExitOnForwardFailure=yes -f -N -M -S /run/forwards"
	            " -L 2211:127.0.0.1:22 -R 2212:127.0.0.1:22 -D 2213 bob@127.0.0.1"
	            " </dev/null >/dev/null 2>&1");
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (run_bash(uses[i].command) == 0)
			json_array_append_new(worked, json_string(uses[i].name));
	run_quietly("ssh -F none -S /run/forwards -O exit bob@127.0.0.1 >/dev/null 2>&1; "
	            "kill $(cat /run/jail.pid)");
	observe("host.ssh.", "worked", worked);
}
