/* QEMU's main loop never reads the clock of a vCPU that has halted and not yet said how far it
 * came.
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
 * How. icount_start_warp_timer first asks whether all CPUs are idle, then locks the list of timers
 * to find the next one, then reads the clock. At that lock the main loop waits for a vCPU that is
 * idle by the same question (all_cpu_threads_idle) but not at rest: that is to say, not waiting for
 * something to do (pthread_cond_wait), nor for the big lock, which it does with its clock up to
 * date. Since it holds the big lock itself, the vCPU comes to rest within microseconds of its own
 * time. The big lock is known as the one that the vCPU waits with; the vCPU's thread is known by
 * its name, which -name debug-threads=on makes QEMU give to it. A QEMU that has other threads runs
 * as if this were not here. */
#include "preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 10000

_Thread_local enum role role;
int (*real_lock)(pthread_mutex_t *);

static atomic_int working; /* of the vCPU; a futex(2) */
static atomic_int waiting; /* of the main loop */
static pthread_mutex_t *_Atomic big_lock;

static int (*real_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_setname)(pthread_t, const char *);
static bool (*all_idle)(void); /* include/sysemu/cpus.h */

/* Runs in the main thread; other libraries' constructors may have locked something by then. */
__attribute__((constructor)) static void find_functions(void)
{
	real_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
	real_wait = dlsym(RTLD_NEXT, "pthread_cond_wait");
	real_setname = dlsym(RTLD_NEXT, "pthread_setname_np");
	all_idle = dlsym(RTLD_DEFAULT, "all_cpu_threads_idle");
	role = MAIN;
	copies_know_thread();
}

static void rest(void)
{
	working = 0;
	if (waiting)
		syscall(SYS_futex, &working, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* While the vCPU is on its way to a rest. If it needs a lock that we hold (none is known), or gets
 * no processor for so long, we go on, and the guest's clock may be wrong. */
static void wait_for_rest(void)
{
	struct timespec t = {0, 1000000};
	int saved = errno;

	waiting = 1;
	for (int ms = 0; working && all_idle() && ms < LIMIT_MS; ms++)
		syscall(SYS_futex, &working, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0);
	waiting = 0;
	errno = saved;
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
	if (role == VCPU && m == big_lock)
		return vcpu_lock(m);
	if (role == MAIN && m == big_lock)
		return copies_lock(m);
	if (role == MAIN && working && all_idle)
		wait_for_rest();
	return real_lock(m);
}

EXPORT int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	int failed;

	if (role != VCPU)
		return real_wait(c, m);
	big_lock = m;
	rest();
	failed = real_wait(c, m);
	working = 1;
	return failed;
}

EXPORT int pthread_setname_np(pthread_t thread, const char *name)
{
	size_t len = strlen(name);

	if (pthread_equal(thread, pthread_self()) && len > 4 && !strcmp(name + len - 4, "/TCG"))
		role = VCPU;
	if (pthread_equal(thread, pthread_self()) && !strcmp(name, "IO mon_iothread"))
		role = MONITOR;
	copies_know_thread();
	return real_setname(thread, name);
}
