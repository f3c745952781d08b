/* QEMU's machine protocol over a connected stream socket (QEMU: docs/interop/qmp-spec.txt). */
#ifndef PAMLAB_QMP_H
#define PAMLAB_QMP_H

#include <jansson.h>

#include "err.h"

/* The command by which RAM is not copied into a machine's state: it is in the file that a template
 * and its clones map. */
#define QMP_IGNORE_SHARED                                                                          \
	"{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["              \
	"{\"capability\":\"x-ignore-shared\",\"state\":true}]}}"

/* Reads the greeting and leaves capabilities negotiation. timeout_ms bounds each read. */
int qmp_open(int fd, int timeout_ms, struct err **e);

/* Reads the answers of commands that were sent before (the greeting, if it comes, is passed over);
 * fails if one is an error. */
int qmp_skip(int fd, int answers, int timeout_ms, struct err **e);

/* Runs one command; arguments (reference stolen, may be NULL). send_fd >= 0 goes along as
 * SCM_RIGHTS (for getfd). Events that arrive meanwhile are dropped. The caller owns *result; pass
 * NULL if it does not matter. */
int qmp_command(int fd, const char *name, json_t *arguments, int send_fd, int timeout_ms,
                json_t **result, struct err **e);

/* Of a QEMU that has ended: the reason of its SHUTDOWN event ("guest-reset", "guest-shutdown", see
 * ShutdownCause in qapi/run-state.json), "" if it told none. Waits for nothing. */
void qmp_last_shutdown(int fd, char *reason, size_t size);

/* Writes the device state of a machine to state_fd and waits until it is all there. */
int qmp_save(int fd, int state_fd, struct err **e);

#endif
