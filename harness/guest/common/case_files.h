/* The files through which agent, driver and session of one login know each other (see
 * docs/architecture.md, "In the guest"). The folder is sticky and writable by everybody, so a file
 * that somebody else made must be opened without O_CREAT (fs.protected_regular, proc_sys_fs(5)). */
#ifndef PAMLAB_GUEST_CASE_FILES_H
#define PAMLAB_GUEST_CASE_FILES_H

#define CASE_DIR     "/run/pamlab/case"
#define CASE_PLAN    CASE_DIR "/plan"
#define CASE_VICTIMS CASE_DIR "/victims"
#define CASE_SESSION CASE_DIR "/session.jsonl"
#define CASE_ENTRY   CASE_DIR "/entry.jsonl"
#define CASE_MARKS   CASE_DIR "/marks"
#define CASE_HELD    CASE_DIR "/held"
#define CASE_GO      CASE_DIR "/go"

/* Where the set-up "medium" mounts a file system. */
#define MEDIUM "/mnt/medium"

#endif
