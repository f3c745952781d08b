/* What has to be there before the first job: file systems, loopback, keys. */
#ifndef PAMLAB_AGENT_BOOT_H
#define PAMLAB_AGENT_BOOT_H

/* Runs once, as PID 1. Faults are reported; the guest goes on as far as it can. */
void boot_guest(void);

/* A detached mount of procfs that no path leads to: the agent's own view of all processes stays
 * whatever a candidate does to the mounts, keeps no mount busy, and is not there to be found from
 * inside a session (fsmount(2)). O_PATH | O_CLOEXEC. */
extern int truth_proc_fd;

#endif
