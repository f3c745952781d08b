/* What a process is to itself: everything that a session module could change in the application
 * that calls it, as texts that can be compared. */
#ifndef PAMLAB_CALLER_STATE_H
#define PAMLAB_CALLER_STATE_H

#include <jansson.h>

/* Remembers the process' own directory in its /proc: a module may take that /proc away. Returns 0,
 * or -1 with errno. */
int state_prepare(void);

/* Name -> text. A new reference. */
json_t *state_take(void);

/* In a copy of the process that took `state`: puts what is the copy's own in its place. */
void state_of_copy(json_t *state);

/* The names of what differs, sorted. A new reference. */
json_t *state_difference(const json_t *a, const json_t *b);

#endif
