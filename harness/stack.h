/* The PAM stacks of a guest, with the candidate in its place. */
#ifndef PAMLAB_STACK_H
#define PAMLAB_STACK_H

#include <jansson.h>

#include "err.h"

/* Expands images/pam/stacks.pam into the files of a stage job, an array of
 * {"path": "/etc/pam.d/su", "mode": 420, "content": "..."}.
 *
 * module_file, "NAME.so" or an absolute path in the guest, is the candidate of each service's
 * session stack; NULL is a stack without one, and the other arguments are then ignored. control is
 * one of pam.conf(5), "required" or "[success=ok default=bad]"; NULL: "required". args are the
 * module's arguments as they would be written in pam.d: separated by blanks, one with blanks in it
 * in brackets; NULL: none. position is one of stack_positions; NULL: "last".
 *
 * What PAM could not read is refused (EXIT_USAGE). NULL on error. The caller owns the array. */
json_t *stack_expand(const char *control, const char *module_file, const char *args,
                     const char *position, struct err **e);

/* The same, with lines of a stack directly before and after the candidate, with or without one; ""
 * for none. */
json_t *stack_expand_between(const char *control, const char *module_file, const char *args,
                             const char *position, const char *before, const char *after,
                             struct err **e);

/* The positions a candidate can have, NULL at the end. */
extern const char *const stack_positions[];

#endif
