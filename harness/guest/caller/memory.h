/* Who has a copy of what the application keeps in its memory? */
#ifndef PAMLAB_CALLER_MEMORY_H
#define PAMLAB_CALLER_MEMORY_H

#include <jansson.h>
#include <sys/types.h>

/* Puts a secret on the heap, where PAM modules and libraries keep theirs, and remembers /proc: a
 * module may take it away. Returns 0, or -1 with errno. */
int memory_prepare(void);

/* The names of the processes that have the secret in their memory: the caller's own first, then of
 * those that were started after it but for own_child. A new reference. */
json_t *memory_holders(pid_t own_child);

#endif
