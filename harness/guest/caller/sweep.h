/* A session is opened again and again, and each time another system call on the way goes wrong. */
#ifndef PAMLAB_CALLER_SWEEP_H
#define PAMLAB_CALLER_SWEEP_H

#include <security/pam_appl.h>

/* Does so in copies of this process, if the agent has asked for it (FAULT_WAY), and writes down
 * what came of it: the observations caller.sweep.* at `out`. log is the socket of the system log,
 * which has to be read for messages to be sent. Returns 0, or -1 with errno. */
int sweep(pam_handle_t *pamh, int out, int log);

#endif
