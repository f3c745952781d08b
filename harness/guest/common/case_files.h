/* The files through which agent, driver and session of one login know each other (see
 * docs/architecture.md, "In the guest"). The folder is sticky and writable by everybody, so a file
 * that somebody else made must be opened without O_CREAT (fs.protected_regular, proc_sys_fs(5)). */
#ifndef PAMLAB_GUEST_CASE_FILES_H
#define PAMLAB_GUEST_CASE_FILES_H

#define CASE_DIR     "/run/pamlab/case"
#define CASE_PLAN    CASE_DIR "/plan"
#define CASE_VICTIMS CASE_DIR "/victims"
#define CASE_FACTS   CASE_DIR "/facts"
#define CASE_SESSION CASE_DIR "/session.jsonl"
#define CASE_ENTRY   CASE_DIR "/entry.jsonl"
#define CASE_MARKS   CASE_DIR "/marks"
#define CASE_HELD    CASE_DIR "/held"
#define CASE_GO      CASE_DIR "/go"
#define CASE_CLOSED  CASE_DIR "/closed" /* -before, -after: by companions in the stack */

/* What the step leave-objects leaves outside any PID namespace. */
#define CASE_SHM_KEY  20001
#define CASE_SHM_FILE "/dev/shm/pamlab-left"
#define CASE_TMP_FILE "/tmp/pamlab-left"

/* The key, name and content, in the session keyring of who logs in. */
#define OUTER_KEY "pamlab-outer"

/* The victims' folders, one each. */
#define VICTIM_DIR "/run/pamlab/victims"

/* A word: how the entry `caller` has system calls go wrong (probes/faults.def). */
#define FAULT_WAY "/run/pamlab/fault-way"

/* PAM's configuration for the entry `caller` alone (pam_start_confdir(3)): its stack in /etc/pam.d,
 * and another `other`. libpam loads all modules of that file, too (_pam_init_handlers in
 * libpam/pam_handlers.c); pam_unix of Debian's brings 15 libraries, which the caller, who forks
 * some hundred times, would copy each time. */
#define CALLER_STACKS "/run/pamlab/stacks"

/* While it is there, `probe entry` starts no program with CAP_SYS_ADMIN. */
#define NO_SYS_ADMIN "/run/pamlab/no-sys-admin"

/* Where the step service writes its daemon's pid; its name. */
#define CASE_SERVICE CASE_DIR "/service.pid"
#define SERVICE_COMM "pamlab-service"

/* Where the handler of crashes says what it was started for. It is on the root file system, not on
 * one mounted by the agent: the kernel starts the handler outside of the agent's root. */
#define CORES "/var/tmp/pamlab-cores"

/* Where the set-up "medium" mounts a file system. */
#define MEDIUM "/mnt/medium"

#endif
