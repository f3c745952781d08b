#include "sweep_calls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own_calls.h"

const struct sweep_call sweep_calls[] = {
    {SYS_unshare, "unshare", ENOSPC, 0, CALL_LIES},
    {SYS_setns, "setns", EPERM, 0, CALL_LIES},
    {SYS_clone, "clone", EAGAIN, 0, 0},
    {SYS_clone3, "clone3", EAGAIN, 0, CALL_NEW},
    {SYS_fork, "fork", EAGAIN, 0, 0},
    {SYS_vfork, "vfork", EAGAIN, 0, 0},
    {SYS_wait4, "wait4", ECHILD, 0, CALL_WAITS},
    {SYS_waitid, "waitid", ECHILD, 0, CALL_WAITS},
    {SYS_mount, "mount", EPERM, 0, CALL_LIES},
    /* As many as there are mounts, if a module takes them down one by one. */
    {SYS_umount2, "umount2", EBUSY, 12, CALL_LIES},
    {SYS_open_tree, "open_tree", ENOSYS, 0, CALL_NEW},
    {SYS_move_mount, "move_mount", EPERM, 0, CALL_NEW | CALL_LIES},
    {SYS_mount_setattr, "mount_setattr", EINVAL, 0, CALL_NEW | CALL_LIES},
    {SYS_fsopen, "fsopen", ENODEV, 0, CALL_NEW},
    {SYS_fsconfig, "fsconfig", EINVAL, 0, CALL_NEW | CALL_LIES},
    {SYS_fsmount, "fsmount", ENOSPC, 0, CALL_NEW},
    {SYS_pivot_root, "pivot_root", EBUSY, 0, CALL_LIES},
    {SYS_chroot, "chroot", EPERM, 0, CALL_LIES},
    {SYS_chdir, "chdir", EACCES, 0, CALL_LIES},
    {SYS_fchdir, "fchdir", EACCES, 0, CALL_LIES},
    {SYS_socketpair, "socketpair", EMFILE, 0, 0},
    {SYS_pipe, "pipe", EMFILE, 0, 0},
    {SYS_pipe2, "pipe2", EMFILE, 0, 0},
    {SYS_eventfd2, "eventfd2", EMFILE, 0, 0},
    {SYS_recvfrom, "recvfrom", EINTR, 0, 0},
    {SYS_recvmsg, "recvmsg", EINTR, 0, 0},
    {SYS_sendmsg, "sendmsg", ECONNRESET, 0, 0},
    {SYS_sendto, "sendto", ECONNRESET, 0, 0},
    {SYS_setsockopt, "setsockopt", ENOMEM, 0, CALL_LIES},
    {SYS_connect, "connect", ECONNREFUSED, 0, 0},
    {SYS_poll, "poll", EINTR, 0, 0},
    {SYS_ppoll, "ppoll", EINTR, 0, 0},
    {SYS_pidfd_open, "pidfd_open", EMFILE, 0, CALL_NEW},
    {SYS_pidfd_send_signal, "pidfd_send_signal", EPERM, 0, CALL_LIES},
    {SYS_kill, "kill", EPERM, 0, CALL_LIES},
    {SYS_setsid, "setsid", EPERM, 0, 0},
    {SYS_setpgid, "setpgid", EPERM, 0, CALL_LIES},
    {SYS_setuid, "setuid", EAGAIN, 0, CALL_LIES},
    {SYS_setgid, "setgid", EPERM, 0, CALL_LIES},
    {SYS_setresuid, "setresuid", EAGAIN, 0, CALL_LIES},
    {SYS_setresgid, "setresgid", EPERM, 0, CALL_LIES},
    {SYS_setgroups, "setgroups", EPERM, 0, CALL_LIES},
    {SYS_capset, "capset", EPERM, 0, CALL_LIES},
    {SYS_prctl, "prctl", EPERM, 0, CALL_LIES},
    {SYS_close_range, "close_range", EMFILE, 0, CALL_NEW | CALL_LIES},
    {SYS_mkdir, "mkdir", ENOSPC, 0, CALL_LIES},
    {SYS_mkdirat, "mkdirat", ENOSPC, 0, CALL_LIES},
    {SYS_chown, "chown", EPERM, 0, CALL_LIES},
    {SYS_fchown, "fchown", EPERM, 0, CALL_LIES},
    {SYS_fchmod, "fchmod", EPERM, 0, CALL_LIES},
    /* Made by the C library for much else: the first ones say enough. */
    {SYS_open, "open", EMFILE, 4, 0},
    {SYS_openat, "openat", EMFILE, 8, 0},
    {SYS_openat2, "openat2", EMFILE, 4, CALL_NEW},
    {SYS_read, "read", EIO, 3, CALL_ASKS},
    {SYS_getdents64, "getdents64", ENOMEM, 1, CALL_ASKS},
    {SYS_readlink, "readlink", EACCES, 2, CALL_ASKS},
    {SYS_readlinkat, "readlinkat", EACCES, 2, CALL_ASKS},
    {SYS_newfstatat, "newfstatat", ENOMEM, 4, CALL_ASKS},
    {SYS_statfs, "statfs", EIO, 1, CALL_ASKS},
    {SYS_fstatfs, "fstatfs", EIO, 1, CALL_ASKS},
    {SYS_fcntl, "fcntl", EMFILE, 2, CALL_ASKS},
    {SYS_mmap, "mmap", ENOMEM, 2, CALL_ASKS},
};
const size_t sweep_calls_count = sizeof(sweep_calls) / sizeof(*sweep_calls);

enum { MOST = 128 };
_Static_assert(sizeof(sweep_calls) / sizeof(*sweep_calls) < MOST, "the filter has room");

int sweep_calls_allow(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static bool is_watched(const struct sweep_call *c, enum sweep_watch which)
{
	return which == WATCH_ALL || (which == WATCH_CHANGES && !(c->flags & CALL_ASKS)) ||
	       (which == WATCH_LIES && c->flags & CALL_LIES) ||
	       (which == WATCH_NEW && c->flags & CALL_NEW);
}

/* --- the filter ----------------------------------------------------------------------------------
 *
 * The numbers are halved until a few are left. Before that the program's own calls pass. To ask for
 * the instruction pointer first has another effect: a filter that asks for the number alone is
 * looked through for each number that there is when it is set (seccomp_cache_prepare in
 * kernel/seccomp.c), which costs more than is saved in a session. */

enum { IN_TURN = 8 }; /* numbers that are asked for one after the other */

struct filter {
	struct sock_filter code[2 * MOST];
	unsigned short n;
	unsigned short end; /* at it is what watched calls get, before it what the others do */
};

static void add(struct filter *f, unsigned short what, unsigned k, int yes, int no)
{
	f->code[f->n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | what | BPF_K, k,
	                                               (unsigned char)yes, (unsigned char)no);
}

static size_t filter_size(size_t count)
{
	return count <= IN_TURN ? count
	                        : 1 + filter_size(count / 2) + filter_size(count - count / 2);
}

static void search(struct filter *f, const unsigned *nr, size_t count)
{
	if (count > IN_TURN) {
		add(f, BPF_JGE, nr[count / 2], (int)filter_size(count / 2), 0);
		search(f, nr, count / 2);
		search(f, nr + count / 2, count - count / 2);
		return;
	}
	for (size_t i = 0; i < count; i++)
		add(f, BPF_JEQ, nr[i], f->end - f->n - 1,
		    i + 1 < count ? 0 : f->end - 1 - f->n - 1);
}

static int by_number(const void *a, const void *b)
{
	const unsigned *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void load(struct filter *f, size_t offset)
{
	f->code[f->n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset);
}

static void give(struct filter *f, unsigned action)
{
	f->code[f->n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
}

int sweep_calls_watch(enum sweep_watch which)
{
	struct filter f = {.n = 0};
	struct sock_fprog program = {.filter = f.code};
	unsigned nr[MOST];
	size_t count = 0;

	for (size_t i = 0; i < sweep_calls_count; i++)
		if (is_watched(&sweep_calls[i], which))
			nr[count++] = (unsigned)sweep_calls[i].nr;
	qsort(nr, count, sizeof(*nr), by_number);
	if (count > 0) {
		f.end = (unsigned short)(3 + filter_size(count) + 1);
		/* x86 is little-endian, and this program lies below 4 GiB (-no-pie). */
		load(&f, offsetof(struct seccomp_data, instruction_pointer));
		add(&f, BPF_JEQ, (unsigned)(uintptr_t)own_call_made, f.end - 1 - f.n - 1, 0);
		load(&f, offsetof(struct seccomp_data, nr));
		search(&f, nr, count);
	}
	give(&f, SECCOMP_RET_ALLOW);
	give(&f, SECCOMP_RET_USER_NOTIF);
	program.len = f.n;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	                    &program);
}

int sweep_calls_find(int nr)
{
	for (size_t i = 0; i < sweep_calls_count; i++)
		if (sweep_calls[i].nr == nr)
			return (int)i;
	return -1;
}
