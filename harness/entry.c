#include "entry.h"

#include <string.h>

#include "suggest.h"

const struct entry entries[] = {
    {"su", "su alice -c COMMAND, run by root", false, false},
    {"su-l", "su - alice -c COMMAND: a login shell, service su-l", false, false},
    {"sudo", "sudo -u alice COMMAND, without a pseudo-terminal of its own", false, false},
    {"sudo-pty",
     "sudo -u alice COMMAND with use_pty: sudo's monitor is the session's first process", false,
     false},
    {"sshd", "ssh with a key over loopback, privilege-separated sshd", false, false},
    {"sshd-kbdint", "ssh with keyboard-interactive: PAM authenticates in a process of its own",
     false, false},
    {"login", "login on a terminal, with a password", false, false},
    {"pamtester", "pamtester open_session close_session: one process that never forks a shell",
     false, false},
    {"caller", "an application of the lab's own that looks what a module changes in it", false,
     true},
    {"outside", "no login at all: the control that must see what a session must not", true, false},
    {NULL, NULL, false, false},
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
		if (!en->pseudo)
			names[n++] = en->name;
	names[n] = NULL;
	return names;
}

int entry_check(const char *name, struct err **e)
{
	const struct entry *en = entry_find(name);
	const char *near;

	if (en && !en->pseudo)
		return 0;
	if (en)
		return err_usage(e, "'%s' is the control without a login, no entry to select",
		                 name);
	near = suggest(name, entry_names());
	if (near)
		return err_usage(e, "unknown entry '%s'; did you mean '%s'?", name, near);
	return err_usage(e, "unknown entry '%s'; `pamlab list entries` names them", name);
}
