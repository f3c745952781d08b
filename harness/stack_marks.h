/* Markers at the beginning and end of a service's stacks. */
#ifndef PAMLAB_STACK_MARKS_H
#define PAMLAB_STACK_MARKS_H

#include <jansson.h>

/* Where overlay.c puts the marker in the guest. */
#define MARKER_PATH "/usr/lib/pamlab/pam_mark.so"
/* A line of a stack without the type before it and the place behind it. */
#define MARKER_LINE "optional " MARKER_PATH " "

/* Of files as stack_expand makes them, a new array: what /etc/pam.d/NAME was is NAME.stack, and NAME
 * calls it as a substack between two markers, for each type that it has (a module of a substack that
 * is `sufficient` ends no more than the substack: pam.conf(5)). The files that are only included,
 * common-*, stay as they are. */
json_t *stack_mark_services(const json_t *files);

#endif
