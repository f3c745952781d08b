/* Credentials over a unix socket. */
#ifndef PAMLAB_PROBE_CREDENTIALS_H
#define PAMLAB_PROBE_CREDENTIALS_H

#include <sys/types.h>

/* Sends credentials with that pid over a pair of its own. Returns "ok" or the error's name. */
const char *send_credentials(pid_t pid);

#endif
