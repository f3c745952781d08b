/* The proc connector: the kernel's news of forks, execs and exits (linux/cn_proc.h). */
#ifndef PAMLAB_PROBE_CONNECTOR_H
#define PAMLAB_PROBE_CONNECTOR_H

#include <jansson.h>
#include <stdbool.h>

/* A non-blocking socket in the group of its listeners, or -1 with errno. */
int connector_open(void);

/* Asks the kernel to send events, or no more. Returns 0, or -1 with errno. */
int connector_listen(int fd, bool on);

/* Whether one of the events that came names the pid; those that have come are used up. */
bool connector_names(int fd, int pid);

#endif
