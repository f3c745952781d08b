/* A person at a terminal, and the two serial lines of a guest that runs the job "shell". */
#ifndef PAMLAB_FORWARD_H
#define PAMLAB_FORWARD_H

#include <stdbool.h>

#include "err.h"
#include "guest.h"

/* Shows the login on the terminal (which has to be raw), and, if the guest has got one and the user
 * asks for it by ^], the root console. Returns 0 when the login has ended (g->end tells how; while
 * the root console is shown, it stays until the user leaves it) or the user quits (g->end is
 * GUEST_RUNS then). */
int forward_terminal(struct guest *g, bool root_console, struct err **e);

/* Commands from standard input that is no terminal: asked for a name or a password, the lab answers
 * for the entry; once the shell is there, it gets standard input, then the end of it. What comes
 * before the shell goes to standard error, what comes from it to standard output. Returns 0 when
 * the login has ended, g->end tells how. */
int forward_pipe(struct guest *g, const char *entry, struct err **e);

#endif
