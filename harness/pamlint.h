/* PAM stacks that open a session without the module that should isolate it: found by reading them.
 * Nothing is loaded or run. */
#ifndef PAMLAB_PAMLINT_H
#define PAMLAB_PAMLINT_H

#include <jansson.h>

#include "err.h"

enum pamlint_kind {
	PAMLINT_NO_SESSION, /* the service opens none */
	PAMLINT_WITHOUT,    /* none of the modules is in its session stack */
	PAMLINT_WITH,
};

/* Reads the stack of a service, with what it includes, from the folder of PAM files. modules are
 * the file names of modules that isolate, NULL at the end. Appends to *findings a text "FILE:LINE:
 * what goes wrong" for each way in which a session is opened although the module was not run or has
 * failed; each once. Fails (EXIT_USAGE)
 * if a file cannot be read or is included in itself. */
int pamlint_service(const char *dir, const char *service, const char *const *modules,
                    json_t *findings, enum pamlint_kind *kind, struct err **e);

/* The names of the services in the folder: files that no other one includes. An array. NULL: *e. */
json_t *pamlint_services(const char *dir, struct err **e);

#endif
