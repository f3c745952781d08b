/* PAM stacks that take times. */
#ifndef PAMLAB_STACK_MARKS_H
#define PAMLAB_STACK_MARKS_H

#include <jansson.h>

#include "err.h"

/* Where overlay.c puts the marker in the guest. */
#define MARKER_PATH "/usr/lib/pamlab/pam_mark.so"

/* The PAM files as stack_expand makes them, with markers (harness/guest/mark/pam_mark.c) around the
 * candidate, or around the place where it would be, and at the beginning and end of each service's
 * stacks. What /etc/pam.d/NAME was is NAME.stack, and NAME calls it as a substack between two
 * markers (a module of a substack that is `sufficient` ends no more than the substack:
 * pam.conf(5)); common-*, which are only included, stay as they are. NULL on error. The caller owns
 * the array. */
json_t *stack_expand_marked(const char *module_file, const char *args, struct err **e);

#endif
