/* What each machine is given, whether its QEMU is started or copied: the far ends of the sockets by
 * which it is watched and ordered, and the files that it reads. Between vm_start.c and vm_copy.c.
 */
#ifndef PAMLAB_VM_ENDS_H
#define PAMLAB_VM_ENDS_H

#include "vm.h"

/* The guest's side of its files begins with their length, so many digits (docs/architecture.md,
 * "Host and guest"). */
#define VM_LENGTH_DIGITS 8

struct vm_ends {
	int qmp, events, errors; /* the near ends are vm's */
	int job;                 /* memory file: opt/pamlab/job */
	int module;              /* memory file: opt/pamlab/module; -1: it is given none */
};

/* Opens them, and vm's ends of the sockets. What was opened is the caller's to close, after a
 * failure too: those that are not open are -1. */
int vm_ends_open(const struct vm_spec *spec, struct vm *vm, struct vm_ends *ends, struct err **e);

/* A file without a name; the caller closes it. */
int vm_memory_file(const char *name, struct err **e);

/* A pair of connected local sockets of that type (socket(2)). */
int vm_pair(int type, int *ours, int *theirs, struct err **e);

/* vm_start() of a machine that is a copy of spec->of. */
int vm_copy(const struct vm_spec *spec, struct vm *vm, struct err **e);

#endif
