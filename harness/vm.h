/* One QEMU process. The machine is described once (machine_arguments in vm_start.c), so that a
 * template and its clones are the same machine; what differs is how its RAM is mapped and where its
 * state comes from.
 *
 * Nothing of a VM lies on disk under a name of its own: job and module are memory files, events and
 * control are socket pairs, and QEMU dies with the process that started it (PR_SET_PDEATHSIG). */
#ifndef PAMLAB_VM_H
#define PAMLAB_VM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "accel.h"
#include "err.h"

enum vm_ram {
	VM_RAM_OWN,   /* map the file shared: the machine changes it (templates) */
	VM_RAM_CLONE, /* map the file privately: copy on write (cases) */
};

struct vm_spec {
	enum accel accel;
	int shift; /* TCG: an instruction takes 2^shift ns of guest time; 0 to 10 */
	unsigned memory_mb;
	const char *kernel; /* bzImage; needed for a clone too (it is part of the machine) */
	const char *initrd;
	const char *ram; /* file that holds the guest's memory */
	enum vm_ram ram_mode;
	const char *state;   /* device state to go on from; NULL: boot */
	const char *console; /* file that gets the guest's serial console; NULL: dropped */
	const char *job;     /* JSON for opt/pamlab/job; NULL: an idle job */
	const void *module;  /* bytes of opt/pamlab/module; NULL: none */
	size_t module_size;
	bool paused; /* wait for vm_continue */
	bool
	    copies; /* it can be copied once its job has ended (vm_copy.h); TCG without terminals */
	/* Copy this one instead of starting QEMU: of what stands above, job, module and console are
	 * the copy's, the rest does not matter. */
	const struct vm *of;
	bool terminals; /* connect ttyS1 and ttyS2 to term_fd[] (pamlab shell) */
};

struct vm {
	pid_t pid;
	int pidfd; /* readable when QEMU has ended */
	int qmp_fd;
	int events_fd; /* what the guest writes to port 0xe9 */
	int copies_fd; /* where vm_start asks it for copies; -1: it makes none */
	int errors_fd; /* memory file: QEMU's standard error */
	int term_fd[2];
	int64_t started_ns; /* CLOCK_MONOTONIC at the fork */
	bool incoming;      /* started from a saved state */
	bool qmp_ready;
};

#define VM_NONE                                                                                    \
	((struct vm){.pid = -1,                                                                    \
	             .pidfd = -1,                                                                  \
	             .qmp_fd = -1,                                                                 \
	             .events_fd = -1,                                                              \
	             .copies_fd = -1,                                                              \
	             .errors_fd = -1,                                                              \
	             .term_fd = {-1, -1}})

/* Console output of a guest that is kept, bytes; what a flooding guest writes beyond is dropped. */
#define VM_CONSOLE_MAX (1 << 20)

int vm_start(const struct vm_spec *spec, struct vm *vm, struct err **e);

/* Lets a VM that was started with .paused run. */
int vm_continue(struct vm *vm, struct err **e);

/* Stops the guest and writes its device state to the file; QEMU still runs then (vm_kill it). The
 * memory is in spec.ram, which has to have been mapped with VM_RAM_OWN. */
int vm_save(struct vm *vm, const char *state, struct err **e);

/* Ends QEMU if it still runs, reaps it and closes what belongs to it. *status gets the wait status
 * if not NULL. Harmless on VM_NONE and twice. */
void vm_kill(struct vm *vm, int *status);

/* The last line that QEMU wrote on standard error, "" if none. */
void vm_last_words(const struct vm *vm, char *words, size_t size);

/* CPU time that the VM's process has used, ns; -1 if it cannot be read. */
int64_t vm_cpu_ns(const struct vm *vm);

/* Memory that a clone has for itself, kB: Anonymous of /proc/PID/smaps_rollup (proc(5)). Pages of
 * the template that it only read are the page cache's; as Private_Dirty they would count where
 * nobody else maps them and the template was not written back yet. -1 if it cannot be read. */
long vm_private_kb(const struct vm *vm);

/* CLOCK_MONOTONIC of the host, ns. */
int64_t host_now(void);

/* The words that describe the machine (QEMU's version and arguments), for template keys. The caller
 * frees it. Fails if QEMU is not installed. */
char *vm_identity(enum accel accel, unsigned memory_mb, struct err **e);

#endif
