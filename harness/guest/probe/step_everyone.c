/* What is done to everybody at once, or to all that a user runs, stays within the session's PID
 * namespace: the kernel passes over tasks that have no pid there (kernel/signal.c, kernel/sys.c,
 * block/ioprio.c). Whether it did, the agent sees outside. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

#define OTHER_UID 1001 /* the victim `other` */

/* linux/ioprio.h is newer than some C libraries' headers. */
enum { IO_WHO_USER = 3, IO_BEST_EFFORT = 2, IO_CLASS_SHIFT = 13, IO_LOW = 6 };

static long get_priority(id_t uid)
{
	errno = 0;
	getpriority(PRIO_USER, uid);
	return errno ? -1 : 0;
}

static json_t *change_own_user(void)
{
	uid_t uid = getuid();
	json_t *list = json_array();

	json_array_append_new(list, call_answer("setpriority", setpriority(PRIO_USER, uid, 3)));
	json_array_append_new(
	    list, call_answer("ioprio_set", syscall(SYS_ioprio_set, IO_WHO_USER, uid,
	                                            IO_BEST_EFFORT << IO_CLASS_SHIFT | IO_LOW)));
	return list;
}

static json_t *ask_for_other_user(void)
{
	json_t *list = json_array();

	json_array_append_new(list, call_answer("getpriority", get_priority(OTHER_UID)));
	json_array_append_new(
	    list, call_answer("ioprio_get", syscall(SYS_ioprio_get, IO_WHO_USER, OTHER_UID)));
	return list;
}

/* SIGURG does nothing to a program that has not asked for it (signal(7)). */
int step_everyone(struct session *s, long number)
{
	(void)number;
	if (observe(s, "everyone.signalled", json_string(answer_name(kill(-1, SIGURG)))) < 0 ||
	    observe(s, "everyone.own_user", change_own_user()) < 0)
		return -1;
	return observe(s, "everyone.other_user", ask_for_other_user());
}
