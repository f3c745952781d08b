/* Which accelerator guests run under. */
#ifndef PAMLAB_ACCEL_H
#define PAMLAB_ACCEL_H

#include <stdbool.h>

#include "err.h"

enum accel {
	ACCEL_TCG, /* emulation under the counting clock: deterministic, verdicts replay */
	ACCEL_KVM, /* hardware: fast, real wall-clock figures, not deterministic */
};

/* "tcg" or "kvm", as QEMU and the event log name it. */
const char *accel_name(enum accel accel);

/* Chooses by what the user wants: "tcg", "kvm", or "auto" (also NULL), which is tcg everywhere, so
 * that the same command has the same result on each machine. *why says why, in a line that the
 * caller frees; why may be NULL. kvm where no guest runs under it is an EXIT_USAGE error with the
 * reason. */
int accel_choose(const char *wanted, enum accel *out, char **why, struct err **e);

enum kvm_state {
	KVM_ABSENT,    /* there is no /dev/kvm */
	KVM_FORBIDDEN, /* this user may not open it */
	KVM_UNUSABLE,  /* it is there, and no guest runs under it in reasonable time */
	KVM_WORKS,
};
struct kvm_answer {
	enum kvm_state state;
	char *text; /* one line: what was seen, what to do; the caller frees */
};

/* Finds out what /dev/kvm is good for, by booting a guest of 166 bytes under it, for at most 10 s
 * of wall time. The answer is remembered in the cache until the machine boots again, QEMU changes
 * or /dev/kvm does; `again` boots the guest in any case. Fails if QEMU is not installed. */
int kvm_probe(bool again, struct kvm_answer *answer, struct err **e);

#define QEMU_PROGRAM "qemu-system-x86_64"
#define QEMU_MISSING QEMU_PROGRAM " is not installed: apt-get install qemu-system-x86"

/* QEMU's path and the first line of --version, which the caller frees; either may be NULL. */
int qemu_find(char **path, char **version, struct err **e);

#endif
