/* A machine that copies itself. A QEMU that was started with vm_spec.copies works off its job,
 * comes to the point where its agent writes VM_COPY_POINT to port 0xe9, and stops there for good:
 * from then on, each request on FD_COPIES makes it fork. The copy goes on at the very next
 * instruction, with a job, module, console, control and event socket of its own, and with all code
 * that QEMU had translated for the guest, which is most of what a clone's first login costs. When
 * its job is done the agent comes to that point again, and the copy sleeps until it is killed.
 *
 * The protocol, on a SOCK_SEQPACKET: the request is one byte with VM_COPY_FDS descriptors
 * (SCM_RIGHTS); the answer is the copy's pid, or -errno. The copy is a child of whoever started the
 * first machine (CLONE_PARENT), and dies with it. The other side is harness/preload/copies.c. */
#ifndef PAMLAB_VM_COPY_H
#define PAMLAB_VM_COPY_H

#include <stdint.h>

#define VM_COPY_POINT '\0' /* no event contains it */

/* The descriptors of a request, in this order. */
enum { COPY_ERRORS, COPY_QMP, COPY_EVENTS, COPY_JOB, COPY_MODULE, COPY_CONSOLE, VM_COPY_FDS };

typedef int32_t vm_copy_answer;

/* Room for the job and the module of a copy, bytes, with the header that says how long they are. */
#define VM_COPY_JOB_MAX    (1 << 20)
#define VM_COPY_MODULE_MAX (8 << 20)

#endif
