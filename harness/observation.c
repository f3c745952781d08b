#include "observation.h"

#include <stddef.h>
#include <string.h>

#include "suggest.h"

/* What the agent looks at in each of the three places. */
#define HOST_LOOK(when, needs)                                                                     \
	{"host." when ".proc_ok", OBS_BOOL, needs,                                                 \
	 "/proc/self is right for a new process outside"},                                         \
	    {"host." when ".proc_count", OBS_NUMBER, needs,                                        \
	     "numeric entries in the host's /proc"},                                               \
	    {"host." when ".ps_status", OBS_NUMBER, needs, "exit status of ps -e outside"},        \
	    {"host." when ".new_processes", OBS_LIST, needs,                                       \
	     "processes that were not there before, as \"PID COMM STATE uid=N\""},                 \
	    {"host." when ".zombies", OBS_LIST, needs, "those of them that are zombies"},          \
	    {"host." when ".spinning", OBS_LIST, needs,                                            \
	     "those of them that used more than half of a second of CPU in a second"},             \
	    {"host." when ".mounts_added", OBS_LIST, needs,                                        \
	     "lines of the host's mountinfo that were not there before"},                          \
	    {"host." when ".mounts_lost", OBS_LIST, needs,                                         \
	     "lines of the host's mountinfo that are gone"},                                       \
	    {"host." when ".pid_namespaces", OBS_NUMBER, needs, "PID namespaces alive"},           \
	    {"host." when ".mnt_namespaces", OBS_NUMBER, needs, "mount namespaces alive"},         \
	    {"host." when ".new_pid_namespaces", OBS_NUMBER, needs,                                \
	     "PID namespaces more than before"},                                                   \
	{                                                                                          \
		"host." when ".new_mnt_namespaces", OBS_NUMBER, needs,                             \
		    "mount namespaces more than before"                                            \
	}

const struct observation observations[] = {
    {"session.started", OBS_BOOL, "session", "the session's program ran its first instruction"},
    {"session.finished", OBS_BOOL, "session", "the session's program came to the end of its steps"},
    {"session.first.pid", OBS_NUMBER, "session", "its pid, as it sees it itself"},
    {"session.first.proc_self", OBS_STRING, "session",
     "where /proc/self pointed at the first instruction; null if nowhere"},
    {"session.first.proc_self_errno", OBS_STRING, "session",
     "0, or the name of the error that reading it gave"},
    {"session.first.proc_right", OBS_BOOL, "session",
     "/proc/self was its own pid at the first instruction"},
    {"session.list.pids", OBS_LIST, "list", "the numbers in /proc"},
    {"session.list.count", OBS_NUMBER, "list", "how many they are"},
    {"session.list.argv_secrets", OBS_LIST, "list",
     "victims whose secret was read in some process's arguments"},
    {"session.list.environ_secrets", OBS_LIST, "list",
     "victims whose secret was read in some process's environment"},
    {"session.list.dirs", OBS_LIST, "list",
     "victims that have a directory in /proc under their outer pid"},
    {"session.sweep.kill", OBS_LIST, "sweep", "pids that kill(pid, 0) knows"},
    {"session.sweep.pidfd_open", OBS_LIST, "sweep", "pids that pidfd_open knows"},
    {"session.sweep.getpgid", OBS_LIST, "sweep", "pids that getpgid knows"},
    {"session.sweep.unlisted", OBS_LIST, "sweep", "pids that answered, yet are not in /proc"},
    {"session.sweep.errnos", OBS_LIST, "sweep", "names of the errors that the sweep got"},
    {"session.sweep.victims", OBS_LIST, "sweep", "victims that answered at their outer pid"},
    {"session.sweep.tried", OBS_NUMBER, "sweep", "how many pids were tried"},
    {"session.proc.fstype_ok", OBS_BOOL, "proc-self", "/proc is a procfs"},
    {"session.proc.wrong_in", OBS_LIST, "proc-self",
     "contexts in which /proc/self is not the pid of who looks"},
    {"session.proc.thread_self_ok", OBS_BOOL, "proc-self", "/proc/thread-self is the thread's own"},
    {"session.proc.nspid_columns", OBS_NUMBER, "proc-self",
     "columns of NSpid: PID namespaces below the one /proc belongs to"},
    {"session.proc.pid1_listed", OBS_BOOL, "proc-self", "/proc/1 is there"},
    {"session.proc.child_appears", OBS_BOOL, "proc-self", "a new child is in /proc"},
    {"session.proc.child_vanishes", OBS_BOOL, "proc-self", "a reaped child is not"},
    {"session.proc.pidns", OBS_NUMBER, "proc-self", "inode of the PID namespace"},
    {"session.mounts.at_proc", OBS_NUMBER, "proc-mounts", "mounts at /proc, one upon the other"},
    {"session.mounts.options", OBS_LIST, "proc-mounts", "options of the mount at /proc"},
    {"session.mounts.foreign", OBS_LIST, "proc-mounts",
     "places where a procfs of another PID namespace is mounted"},
    {"session.tools.failed", OBS_LIST, "tools", "tools that failed, as \"TOOL: exit N\""},
    {"session.tools.tried", OBS_LIST, "tools", "the tools that were run"},
    HOST_LOOK("before", NULL),
    HOST_LOOK("during", "hold"),
    {"host.during.session_pids", OBS_LIST, "hold",
     "pids, as seen inside, of all processes in the session's PID namespace"},
    {"host.during.session_isolated", OBS_BOOL, "hold",
     "the session's PID namespace is not the initial one"},
    {"host.during.session_mntns", OBS_NUMBER, "hold",
     "how many mount namespaces these processes are in"},
    {"host.during.session_zombies", OBS_NUMBER, "hold", "how many of them are zombies"},
    {"host.killed.init", OBS_NUMBER, "kill-init", "outer pid of the first process, killed"},
    {"host.killed.survivors", OBS_LIST, "kill-init", "processes of the session that outlived it"},
    {"host.killed.gone_ns", OBS_NUMBER, "kill-init",
     "ns of virtual time from the kill until the last of them was gone"},
    HOST_LOOK("after", NULL),
    {"entry.status", OBS_NUMBER, NULL, "exit status of the program that logs in"},
    {"entry.signal", OBS_NUMBER, NULL, "signal that ended it; null if none did"},
    {"entry.enter_ns", OBS_NUMBER, "session",
     "ns of virtual time from its exec to the session's first instruction"},
    {"entry.leave_ns", OBS_NUMBER, "session",
     "ns of virtual time from the session's last instruction to its end"},
    {"entry.total_ns", OBS_NUMBER, NULL, "ns of virtual time from its exec to its end"},
    {"entry.output", OBS_STRING, NULL, "the last 2000 bytes that it wrote"},
    {"logins.count", OBS_NUMBER, "logins", "logins that were made"},
    {"logins.unfinished", OBS_LIST, "logins",
     "logins whose session did not come to its end, as \"LOGIN: status N\""},
    {"logins.proc_missing", OBS_LIST, "logins",
     "logins whose first instruction found no right /proc"},
    {"again.status", OBS_NUMBER, "relogin", "exit status of a second login after the first"},
    {"again.finished", OBS_BOOL, "relogin", "the second login's session came to its end"},
    {NULL, OBS_BOOL, NULL, NULL},
};

const struct observation *observation_find(const char *name)
{
	for (const struct observation *o = observations; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

const char *observation_suggest(const char *name)
{
	static const char *names[sizeof(observations) / sizeof(*observations)];

	for (size_t i = 0; i < sizeof(observations) / sizeof(*observations); i++)
		names[i] = observations[i].name;
	return suggest(name, names);
}

const char *observation_type_name(enum observation_type type)
{
	static const char *const names[] = {
	    [OBS_BOOL] = "true or false",
	    [OBS_NUMBER] = "a number",
	    [OBS_STRING] = "a string",
	    [OBS_LIST] = "a list",
	};

	return names[type];
}
