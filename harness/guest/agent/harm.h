/* What was done to a process outside the sessions. */
#ifndef PAMLAB_AGENT_HARM_H
#define PAMLAB_AGENT_HARM_H

#include <jansson.h>
#include <sys/types.h>

/* Appends to list what is no longer as it was started: with nice 0, without an I/O priority,
 * running, and with all signals blocked, so that those it got are still pending: "NAME: nice 7",
 * "NAME: ioprio 0x4006", "NAME: stopped", "NAME: SIGURG", "NAME: gone". */
void harm_add(json_t *list, const char *name, pid_t pid);

/* The same of all victims: a new list. */
json_t *harm_of_victims(void);

#endif
