/* A machine that copies itself (vm_copy.h), seen from inside QEMU.
 *
 * The guest's write to port 0xe9 is executed by the vCPU's thread, which holds QEMU's big lock and
 * is between two instructions of the guest: it forks there. In the copy it is the only thread, so
 * the main loop's and the monitor's have to be made again: whenever they wait, for the big lock or
 * in a poll, they leave behind where to go on (sigsetjmp), and a new thread with the same thread
 * pointer, which is what makes a thread of glibc the one it is, takes it up from there. The thread
 * that frees what RCU has done with is not made again; a copy does not live long enough to miss it.
 *
 * What a copy must not have in common with the others: eventfds, by which QEMU wakes itself, and
 * what comes with the request. */
#include "preload.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vm_copy.h"
#include "vm_fds.h"

#define STACK_SIZE 65536

static bool can_copy; /* this is a machine that copies itself, not a copy */
static bool is_copy;
static pid_t parent;

/* What is made again. */
static struct thread {
	pthread_t self; /* 0: there is none */
	pid_t *tid;     /* where glibc keeps its number, and waits for it to become 0 to join it */
	sigjmp_buf context;
	atomic_bool parked; /* it waits, and context is valid */
} threads[ROLES];

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* held while a copy is made */

/* What the guest reads by fw_cfg. */
static char *job, *module;

static int (*real_poll)(struct pollfd *, nfds_t, int);
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static int (*real_madvise)(void *, size_t, int);
static int (*real_contents)(const char *, char **, size_t *, void **);

/* Other libraries' constructors may have called one of them by then. */
__attribute__((constructor)) static void find_functions(void)
{
	real_poll = dlsym(RTLD_NEXT, "poll");
	real_ppoll = dlsym(RTLD_NEXT, "ppoll");
	real_madvise = dlsym(RTLD_NEXT, "madvise");
	real_contents = dlsym(RTLD_NEXT, "g_file_get_contents");
	can_copy = getenv("PAMLAB_COPIES");
	parent = getppid();
}

/* --- threads that wait ------------------------------------------------------------------------ */

/* glibc does not tell where the number is: in its struct pthread, which begins at pthread_self().
 */
static pid_t *find_tid(void)
{
	pid_t *p = (pid_t *)pthread_self(), tid = gettid();

	for (int i = 0; i < 512; i++)
		if (p[i] == tid)
			return p + i;
	abort();
}

void copies_know_thread(void)
{
	if (role == MAIN || role == MONITOR) {
		threads[role].tid = find_tid();
		threads[role].self = pthread_self();
	}
}

/* No copy is made between the end of the wait and the time at which the thread waits again. */
static void unpark(void)
{
	int saved = errno;

	real_lock(&gate);
	threads[role].parked = false;
	pthread_mutex_unlock(&gate);
	errno = saved;
}

/* What a thread does while a copy may be made: result = wait, or again in the copy, where the
 * thread is made anew at this place. */
#define PARK(who, result, wait, again)                                                             \
	do {                                                                                       \
		if (sigsetjmp(threads[who].context, 1)) {                                          \
			(result) = (again);                                                        \
		} else {                                                                           \
			threads[who].parked = true;                                                \
			(result) = (wait);                                                         \
			unpark();                                                                  \
		}                                                                                  \
	} while (0)

int copies_lock(pthread_mutex_t *m)
{
	int failed;

	if (!can_copy)
		return real_lock(m);
	PARK(MAIN, failed, real_lock(m), real_lock(m));
	return failed;
}

/* In a copy: nothing happened. */
static int poll_again(struct pollfd *fds, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = 0;
	return 0;
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	int ready;

	if (!real_ppoll)
		find_functions();
	if (!can_copy || role != MAIN)
		return real_ppoll(fds, n, limit, mask);
	PARK(MAIN, ready, real_ppoll(fds, n, limit, mask), poll_again(fds, n));
	return ready;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int limit)
{
	int ready;

	if (!real_poll)
		find_functions();
	if (!can_copy || role != MONITOR)
		return real_poll(fds, n, limit);
	PARK(MONITOR, ready, real_poll(fds, n, limit), poll_again(fds, n));
	return ready;
}

/* --- what QEMU does at its start -------------------------------------------------------------- */

/* QEMU keeps guest memory from its children. */
EXPORT int madvise(void *start, size_t len, int advice)
{
	if (!real_madvise)
		find_functions();
	if (can_copy && advice == MADV_DONTFORK) {
		pages_know_guest_memory(start, len);
		return 0;
	}
	return real_madvise(start, len, advice);
}

static char *room_for(int fd, size_t room)
{
	char *p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || pread(fd, p, room, 0) < 0)
		abort();
	return p;
}

/* Of glib: QEMU reads job and module with it, and keeps what it read. There has to be room for
 * those of a copy. */
int g_file_get_contents(const char *, char **, size_t *, void **);
EXPORT int g_file_get_contents(const char *path, char **contents, size_t *length, void **error)
{
	static const struct {
		const char *path;
		int fd;
		size_t room;
		char **to;
	} files[] = {{"/proc/self/fd/5", FD_JOB, VM_COPY_JOB_MAX, &job},
	             {"/proc/self/fd/6", FD_MODULE, VM_COPY_MODULE_MAX, &module}};

	if (!real_contents)
		find_functions();
	for (size_t i = 0; can_copy && i < sizeof(files) / sizeof(*files); i++) {
		if (strcmp(path, files[i].path) != 0)
			continue;
		*contents = *files[i].to = room_for(files[i].fd, files[i].room);
		*length = files[i].room;
		return 1;
	}
	return real_contents(path, contents, length, error);
}

_Static_assert(FD_JOB == 5 && FD_MODULE == 6, "the paths in g_file_get_contents");

/* --- in the copy ------------------------------------------------------------------------------ */

static void replace(int fd, int by)
{
	fcntl(by, F_SETFL, fcntl(fd, F_GETFL));
	if (dup2(by, fd) < 0)
		abort();
	close(by);
}

static void renew_eventfd(int fd)
{
	unsigned long long count = 0;
	char path[64], line[128];
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		sscanf(line, "eventfd-count: %llx", &count);
	if (info)
		fclose(info);
	replace(fd, eventfd(count, 0));
}

/* The file that QEMU has opened of the console is one of these. */
static void replace_descriptors(const int *given)
{
	static const int numbers[] = {
	    [COPY_ERRORS] = FD_ERRORS, [COPY_QMP] = FD_QMP, [COPY_EVENTS] = FD_EVENTS};
	int list[256], n = 0;
	struct dirent *entry;
	struct stat console, st;
	DIR *dir = opendir("/proc/self/fd");

	while (dir && (entry = readdir(dir)) && n < 256)
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
			list[n++] = atoi(entry->d_name);
	if (!dir || n == 256 || fstat(FD_CONSOLE, &console) < 0)
		abort();
	closedir(dir);
	for (int i = 0; i < n; i++) {
		char path[64], what[64];
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", list[i]);
		len = readlink(path, what, sizeof(what) - 1);
		what[len > 0 ? len : 0] = '\0';
		if (!strcmp(what, "anon_inode:[eventfd]"))
			renew_eventfd(list[i]);
		else if (list[i] != FD_CONSOLE && fstat(list[i], &st) == 0 &&
		         st.st_ino == console.st_ino && st.st_dev == console.st_dev)
			replace(list[i], dup(given[COPY_CONSOLE]));
	}
	for (int i = 0; i < (int)(sizeof(numbers) / sizeof(*numbers)); i++)
		replace(numbers[i], given[i]);
}

static void read_whole(int fd, char *to, size_t room)
{
	struct stat st;

	if (!to)
		return;
	if (fstat(fd, &st) < 0 || st.st_size > (off_t)room || pread(fd, to, room, 0) != st.st_size)
		abort();
}

/* The first machine has to start processes; a copy may not, like any QEMU of ours (-sandbox). */
static void forbid_processes(void)
{
#define NUMBER(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1)
#define KILL         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	    KILL,
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    NUMBER(fork),
	    KILL,
	    NUMBER(vfork),
	    KILL,
	    NUMBER(execve),
	    KILL,
	    NUMBER(execveat),
	    KILL,
	    NUMBER(clone3), /* glibc then takes clone */
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
	    KILL,
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
		abort();
}

static int go_on(void *thread)
{
	siglongjmp(((struct thread *)thread)->context, 1);
}

static void make_again(struct thread *t)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED ||
	    clone(go_on, stack + STACK_SIZE,
	          CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
	              CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
	          t, t->tid, (void *)t->self, t->tid) < 0)
		abort();
}

static void become_copy(const int *given)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, program_invocation_short_name); /* not that of the vCPU's thread */
	if (getppid() != parent)
		_exit(1);
	can_copy = false;
	is_copy = true;
	pages_make_own();
	replace_descriptors(given);
	read_whole(given[COPY_JOB], job, VM_COPY_JOB_MAX);
	read_whole(given[COPY_MODULE], module, VM_COPY_MODULE_MAX);
	close(given[COPY_JOB]);
	close(given[COPY_MODULE]);
	close(given[COPY_CONSOLE]);
	close(FD_COPIES);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < ROLES; i++)
		if (threads[i].self)
			make_again(&threads[i]);
	forbid_processes();
}

/* --- in the machine that is copied ------------------------------------------------------------ */

static bool sleeps(const char *task)
{
	char path[64], text[256], *state;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%s/stat", task);
	f = fopen(path, "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	state = strrchr(text, ')');
	return !state || state[2] == 'S';
}

/* A thread that runs may hold a lock, of malloc's for example, that nobody would ever give back in
 * the copy. */
static bool all_others_sleep(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	bool all = dir;

	while (all && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != gettid())
			all = sleeps(entry->d_name);
	if (dir)
		closedir(dir);
	return all;
}

static bool all_parked(void)
{
	bool all = true;

	for (int i = 0; i < ROLES; i++)
		all &= !threads[i].self || threads[i].parked;
	return all;
}

static void wait_until_quiet(void)
{
	while (!all_parked() || !all_others_sleep())
		nanosleep(&(struct timespec){0, 200000}, NULL);
}

/* Takes a request; gives up if nobody is left to make any. */
static void receive(int *given)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(VM_COPY_FDS * sizeof(int))];
	} control;
	char byte;
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data,
	                   .msg_iovlen = 1,
	                   .msg_control = &control,
	                   .msg_controllen = sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(FD_COPIES, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || !CMSG_FIRSTHDR(&m) ||
	    CMSG_FIRSTHDR(&m)->cmsg_len != CMSG_LEN(VM_COPY_FDS * sizeof(int)))
		_exit(0);
	memcpy(given, CMSG_DATA(CMSG_FIRSTHDR(&m)), VM_COPY_FDS * sizeof(int));
}

/* A copy whose job is done would look for another one, as fast as it can. The thread keeps the big
 * lock: nothing of the guest goes on. */
static _Noreturn void sleep_for_good(void)
{
	for (;;)
		pause();
}

bool copies_make(void)
{
	if (is_copy)
		sleep_for_good();
	if (can_copy)
		pages_find();
	while (can_copy) {
		int given[VM_COPY_FDS];
		vm_copy_answer answer;

		receive(given);
		real_lock(&gate);
		wait_until_quiet();
		answer = (vm_copy_answer)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL,
		                                 NULL, NULL);
		if (answer == 0) {
			become_copy(given);
			return true;
		}
		if (answer < 0)
			answer = -errno;
		pthread_mutex_unlock(&gate);
		for (int i = 0; i < VM_COPY_FDS; i++)
			close(given[i]);
		if (send(FD_COPIES, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			_exit(0);
	}
	return false;
}
