/* What processes there are, as a procfs shows them. Facts about the files: proc(5). */
#ifndef PAMLAB_GUEST_PROCFS_H
#define PAMLAB_GUEST_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A task has a pid in its own PID namespace and in each of its ancestors; the kernel nests at most
 * 32 below the initial one (MAX_PID_NS_LEVEL, linux/pid_namespace.h). */
#define PROCFS_MAX_LEVELS 33

struct proc_info {
	pid_t pid;             /* as the procfs that was read numbers it */
	pid_t ppid, pgid, sid; /* 0: not in that procfs' PID namespace */
	uid_t uid;             /* effective */
	char state;            /* R S D T t Z X I */
	char comm[64]; /* the kernel's names are up to 15 long, those of its own threads longer */
	bool kthread;  /* a thread of the kernel: it has no parent but 0 or kthreadd */
	uint64_t cpu_ticks;   /* user and system time of all threads, in sysconf(_SC_CLK_TCK) */
	uint64_t start_ticks; /* since boot: with pid, it names a process for good */
	unsigned threads;
	unsigned levels; /* entries of nspid: 1 is a task of the procfs' own PID namespace */
	pid_t nspid[PROCFS_MAX_LEVELS]; /* [0] == pid, [levels - 1] is the innermost */
	uint64_t pidns, mntns; /* inode of the namespace; 0: may not or can no longer be read */
};

/* Reads every process of the procfs that is mounted at root ("/proc"), ascending by pid. One that
 * goes while it is read is left out. *out is the caller's to free(). Returns 0, or -1 with errno
 * (EINVAL: root is no procfs). */
int procfs_scan(const char *root, struct proc_info **out, size_t *n);

/* The same for an open directory, which may be a procfs that is mounted nowhere. */
int procfs_scan_at(int proc_fd, struct proc_info **out, size_t *n);

/* Reads one process (or, by its number, one thread). Returns 0, or -1 with errno: ENOENT and ESRCH
 * are "there is none". */
int procfs_read_at(int proc_fd, pid_t pid, struct proc_info *info);

/* The entry of a scan's result with that pid, or NULL. */
const struct proc_info *procfs_find(const struct proc_info *list, size_t n, pid_t pid);

/* The names in a directory that are numbers, ascending: of "." the processes, of "PID/task" the
 * threads. *out is the caller's to free(). Returns 0, or -1 with errno. */
int procfs_numbers_at(int proc_fd, const char *dir, pid_t **out, size_t *n);

/* Reads a file whole (cmdline, environ, mountinfo: may contain NULs); a NUL follows the content.
 * len may be NULL. The caller frees it. NULL with errno. */
char *procfs_file_at(int proc_fd, const char *path, size_t *len);

/* The inode that names a namespace: which is "pid", "mnt", ... of who, a pid or "self". 0 with
 * errno if it cannot be read. */
uint64_t procfs_ns_at(int proc_fd, const char *who, const char *which);

#endif
