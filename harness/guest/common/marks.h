/* Instants of one login, in a file that the entry, the session and the agent map. An instant is a
 * value of the time stamp counter: reading it costs no system call, and under QEMU's counting clock
 * it advances with virtual time. 0 is "has not happened". */
#ifndef PAMLAB_GUEST_MARKS_H
#define PAMLAB_GUEST_MARKS_H

#include <stdint.h>

/* Where in a PAM stack a marker (guest/mark/pam_mark.c) stands, and by which call it was reached.
 */
enum mark_call { MARK_AUTH, MARK_SETCRED, MARK_ACCOUNT, MARK_OPEN, MARK_CLOSE, MARK_CALLS };
enum mark_place { MARK_BEGIN, MARK_BEFORE, MARK_AFTER, MARK_END, MARK_PLACES };
#define MARK_POINTS 64

/* One passage through a marker: what lies between them is the marker's own cost. */
struct mark_point {
	uint64_t enter, leave;
	uint32_t call, place;
};

struct marks {
	uint64_t entry_exec;    /* immediately before the exec of the program that logs in */
	uint64_t session_first; /* the session program's first instruction in user space */
	uint64_t session_last;  /* immediately before the session program's _exit */
	uint64_t entry_return;  /* immediately after waitpid() for the entry has returned */
	uint64_t entries;       /* how many entries were started */
	uint64_t sessions; /* how many session programs started; session_first is the first's */
	uint64_t finished; /* how many of them came to their end; session_last is the last's */
	uint64_t readdir_begin, readdir_end; /* around the step `readdir` */
	uint64_t pidns, mntns;               /* inodes of the session's, as that step saw them */
	uint64_t n_points; /* passages through markers; those beyond MARK_POINTS are lost */
	struct mark_point points[MARK_POINTS];
};

/* Makes the file anew, all zero, mode 0666 whatever the umask. Returns 0, or -1 with errno. */
int marks_create(const char *path);

/* Maps an existing file for reading and writing, shared. The mapping stays over fork(), not over
 * exec(). NULL with errno if that cannot be; a program then goes on without marks. */
struct marks *marks_map(const char *path);

/* Unmaps; NULL is no error. */
void marks_unmap(struct marks *m);

/* The time stamp counter now. */
static inline uint64_t marks_now(void)
{
	return __builtin_ia32_rdtsc();
}

#endif
