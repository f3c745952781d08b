/* The descriptors that QEMU finds when it is started: between vm_start.c, which puts them there,
 * and harness/preload/, which runs inside QEMU. */
#ifndef PAMLAB_VM_FDS_H
#define PAMLAB_VM_FDS_H

enum vm_fd {
	FD_ERRORS = 2, /* its standard error: a memory file */
	FD_QMP,        /* control socket */
	FD_EVENTS,     /* socket: what the guest writes to port 0xe9 */
	FD_JOB,        /* memory file: opt/pamlab/job */
	FD_MODULE,     /* memory file: opt/pamlab/module */
	FD_STATE,      /* the device state to go on from */
	FD_PRELOAD,    /* build/preload.so */
	FD_CONSOLE,    /* the guest's serial console, of a machine that can be copied */
	FD_COPIES,     /* where copies are asked for (vm_copy.h) */
	FD_TERM0,
	FD_TERM1,
	FD_END
};

#endif
