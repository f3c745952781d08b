#include "promise.h"

#include <stddef.h>
#include <string.h>

const struct promise_info promises[PROMISES] = {
    [PROMISE_PID_PRIVATE] = {"pid-private",
                             "A session sees and reaches no process from outside it."},
    [PROMISE_MOUNT_PRIVATE] = {"mount-private", "A session has a mount table of its own."},
    [PROMISE_PROC_PRIVATE] = {"proc-private",
                              "The /proc of a session shows that session's processes, from its "
                              "first instruction on."},
    [PROMISE_ROOT_ISOLATED] = {"root-isolated",
                               "Sessions of root are isolated like everybody else's."},
    [PROMISE_BACKGROUND_ENDS] = {"background-ends",
                                 "At logout every process of the session ends, also what it put "
                                 "in the background."},
    [PROMISE_HOST_UNTOUCHED] = {"host-untouched",
                                "Outside the session nothing changes: no mount, no process, no "
                                "namespace appears or is lost."},
    [PROMISE_FAIL_CLOSED] = {"fail-closed",
                             "If isolation cannot be had, the login is refused, never granted "
                             "without it."},
};

int promise_find(const char *name)
{
	for (int p = 0; p < PROMISES; p++)
		if (!strcmp(promises[p].name, name))
			return p;
	return -1;
}

const char *const *promise_names(void)
{
	static const char *names[PROMISES + 1];

	for (int p = 0; p < PROMISES; p++)
		names[p] = promises[p].name;
	return names;
}
