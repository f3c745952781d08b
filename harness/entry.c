#include "entry.h"

#include <string.h>

#include "suggest.h"

const struct entry entries[] = {
    {"su", "su alice -c COMMAND, run by root", 0, 0, "su"},
    {"su-l", "su - alice -c COMMAND: a login shell, service su-l", 0, 0, "su"},
    {"sudo", "sudo -u alice COMMAND, without a pseudo-terminal of its own", 0, 0, "sudo"},
    {"sudo-pty",
     "sudo -u alice COMMAND with use_pty: sudo's monitor is the session's first process", 0, 0,
     "sudo-pty"},
    {"sshd", "ssh with a key over loopback, privilege-separated sshd", 0, 0, "sshd"},
    {"sshd-kbdint", "ssh with keyboard-interactive: PAM authenticates in a process of its own", 0,
     0, "sshd-kbdint"},
    {"login", "login on a terminal, with a password", 0, 0, "login"},
    {"pamtester", "pamtester open_session close_session: one process that never forks a shell", 0,
     0, "pamtester"},
    {"su-pty", "su --pty: su has a pseudo-terminal of its own", ENTRY_VARIANT, 0, "su"},
    {"sudo-in-root", "sudo, started in /", ENTRY_VARIANT, 0, "sudo"},
    {"sudo-in-proc", "sudo, started in /proc", ENTRY_VARIANT, 0, "sudo"},
    {"sudo-in-self", "sudo, started in the directory of a process in /proc", ENTRY_VARIANT, 0,
     "sudo"},
    {"sudo-in-deleted", "sudo, started in a directory that is gone", ENTRY_VARIANT, 0, "sudo"},
    {"sshd-pty", "ssh with a terminal", ENTRY_VARIANT, 0, "sshd"},
    {"sshd-subsystem", "ssh asks for a subsystem, as sftp does", ENTRY_VARIANT, 0, "sshd"},
    {"sshd-mux", "a second session over the connection of a first", ENTRY_VARIANT, 0, "sshd"},
    {"cron", "a job of alice's crontab", ENTRY_VARIANT, 65, "su"},
    {"su-root", "su root -c COMMAND: a session of root", ENTRY_NAMED, 0, "su"},
    {"sudo-root", "sudo COMMAND: a session of root", ENTRY_NAMED, 0, "sudo"},
    {"sshd-root", "ssh to root, with a key", ENTRY_NAMED, 0, "sshd"},
    {"sshd-forward", "ssh -N -L: a connection for a forwarding alone, without any program",
     ENTRY_NAMED, 0, "sshd"},
    {"caller", "an application of the lab's own that looks what a module changes in it",
     ENTRY_NAMED, 0, "caller"},
    {"caller-auth", "the same, which authenticates and never opens a session", ENTRY_NAMED, 0,
     "caller"},
    {"outside", "no login at all: the control that must see what a session must not", ENTRY_PSEUDO,
     0, "su"},
    {NULL, NULL, 0, 0, NULL},
};

const struct entry *entry_find(const char *name)
{
	for (const struct entry *en = entries; en->name; en++)
		if (!strcmp(en->name, name))
			return en;
	return NULL;
}

const char *const *entry_names(void)
{
	static const char *names[sizeof(entries) / sizeof(*entries)];
	size_t n = 0;

	for (const struct entry *en = entries; en->name; en++)
		if (!(en->flags & ENTRY_PSEUDO))
			names[n++] = en->name;
	names[n] = NULL;
	return names;
}

int entry_check(const char *name, struct err **e)
{
	const struct entry *en = entry_find(name);
	const char *near;

	if (en && !(en->flags & ENTRY_PSEUDO))
		return 0;
	if (en)
		return err_usage(e, "'%s' is the control without a login, no entry to select",
		                 name);
	near = suggest(name, entry_names());
	if (near)
		return err_usage(e, "unknown entry '%s'; did you mean '%s'?", name, near);
	return err_usage(e, "unknown entry '%s'; `pamlab list entries` names them", name);
}
