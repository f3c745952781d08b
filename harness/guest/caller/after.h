/* What an application finds in itself after a session, whether that was opened or refused. */
#ifndef PAMLAB_CALLER_AFTER_H
#define PAMLAB_CALLER_AFTER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/wait.h>

struct after {
	json_t *changed;      /* names of what is not as before; the caller's */
	const char *children; /* that it has not made, as children_found says */
	bool can_fork;
};

/* `before` is from state_take. */
void after_look(const json_t *before, struct after *out);

/* What waitid(2) finds of these: "none", "dead" or "alive". flags: __WALL for children that end
 * without a signal, too. */
const char *children_found(idtype_t which, id_t id, int flags);

/* The exit status of a child, 128 + N after signal N; -1 with errno if there is no such child. */
int child_wait(pid_t pid);

#endif
