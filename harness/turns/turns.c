/* turns.so: QEMU's main loop and its vCPU take turns. vm_start.c has QEMU load it (LD_PRELOAD)
 * whenever the guest's clock counts instructions.
 *
 * Why. The vCPU's thread marks its CPU as halted and adds the instructions that it executed to the
 * guest's clock only after that, a few hundred nanoseconds later, without QEMU's big lock between
 * the two (do_hlt in target/i386/tcg, icount_process_data in accel/tcg/tcg-accel-ops-icount.c). If
 * the main loop comes by in that time, it sees a halted CPU and a clock that is some instructions
 * behind, and moves the clock on by that much too far (icount_start_warp_timer). From there on the
 * guest is a few nanoseconds late, and takes another course than all its twins. On a machine with
 * more guests than processors this happened to one guest in some hundreds; tests/e2e/delays.c makes
 * it happen to nearly all. QEMU 7.2 is so, and later sources are alike.
 *
 * How. The main loop gets the big lock only while the vCPU rests: while it waits for something to
 * do (pthread_cond_wait), or for the big lock itself, since it does so with its clock up to date.
 * The big lock is known as the one that the vCPU waits with; the vCPU's thread is known by its
 * name, which -name debug-threads=on makes QEMU give to it.
 *
 * Only functions that QEMU calls through its dynamic symbol table are replaced: a QEMU that does
 * not, or that has other threads, runs as if turns.so were not there. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* How long the main loop waits for a vCPU that executes without a rest: at first it leaves the big
 * lock free, since most often the guest is idle soon. Then it keeps the lock, at which the vCPU
 * stops when the guest's next timer is due. A guest that has no timer and no device to talk to must
 * not hang the main loop, and QEMU's control socket with it. */
#define PATIENCE_NS 20000000
#define LIMIT_NS    500000000

enum role { OTHER, MAIN, VCPU };

static _Thread_local enum role role;

static atomic_int working; /* of the vCPU; a futex(2) */
static atomic_int waiting; /* of the main loop */
static pthread_mutex_t *_Atomic big_lock;

static int (*real_lock)(pthread_mutex_t *);
static int (*real_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_setname)(pthread_t, const char *);

/* Runs in the main thread; other libraries' constructors may have locked something by then. */
__attribute__((constructor)) static void find_functions(void)
{
	real_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
	real_wait = dlsym(RTLD_NEXT, "pthread_cond_wait");
	real_setname = dlsym(RTLD_NEXT, "pthread_setname_np");
	role = MAIN;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void rest(void)
{
	working = 0;
	if (waiting)
		syscall(SYS_futex, &working, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Until the vCPU rests, or that instant. */
static void wait_for_rest(int64_t until)
{
	int saved = errno;
	int64_t left;

	waiting = 1;
	while (working && (left = until - now_ns()) > 0) {
		struct timespec t = {left / 1000000000, left % 1000000000};

		syscall(SYS_futex, &working, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0);
	}
	waiting = 0;
	errno = saved;
}

static int main_lock(pthread_mutex_t *m)
{
	int64_t start = now_ns();

	for (;;) {
		int failed = real_lock(m);

		if (failed || !working)
			return failed;
		if (now_ns() - start > PATIENCE_NS) {
			wait_for_rest(start + LIMIT_NS);
			return 0;
		}
		pthread_mutex_unlock(m);
		wait_for_rest(start + PATIENCE_NS + 1);
	}
}

static int vcpu_lock(pthread_mutex_t *m)
{
	int failed = pthread_mutex_trylock(m);

	if (failed != EBUSY)
		return failed;
	rest();
	failed = real_lock(m);
	working = 1;
	return failed;
}

EXPORT int pthread_mutex_lock(pthread_mutex_t *m)
{
	if (!real_lock)
		find_functions();
	if (role == OTHER || m != big_lock)
		return real_lock(m);
	return role == MAIN ? main_lock(m) : vcpu_lock(m);
}

EXPORT int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	int failed;

	if (role != VCPU)
		return real_wait(c, m);
	big_lock = m;
	rest();
	failed = real_wait(c, m);
	working = 1; /* with the big lock, so that the main loop cannot be at it */
	return failed;
}

EXPORT int pthread_setname_np(pthread_t thread, const char *name)
{
	size_t len = strlen(name);

	if (pthread_equal(thread, pthread_self()) && len > 4 && !strcmp(name + len - 4, "/TCG"))
		role = VCPU;
	return real_setname(thread, name);
}
