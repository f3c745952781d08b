#include "after.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "state.h"

const char *children_found(idtype_t which, id_t id, int flags)
{
	siginfo_t info = {0};

	if (waitid(which, id, &info, WEXITED | WNOHANG | WNOWAIT | flags) < 0)
		return "none";
	return info.si_pid ? "dead" : "alive";
}

int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int end(void *unused)
{
	(void)unused;
	return 0;
}

/* The kernel refuses this as it would refuse fork(2), and no memory is copied. */
static bool can_fork(void)
{
	static char stack[4096];
	pid_t pid = clone(end, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	return pid > 0 && child_wait(pid) == 0;
}

void after_look(const json_t *before, struct after *out)
{
	json_t *now = state_take();

	out->changed = state_difference(before, now);
	json_decref(now);
	out->children = children_found(P_ALL, 0, __WALL);
	out->can_fork = can_fork();
}
