/* delays.so: makes QEMU's threads meet in the worst way, for test_halted_clock_is_up_to_date
 * (verdicts.sh).
 *
 * The vCPU's thread sleeps where its CPU is halted and its clock is not yet up to date: before the
 * long jump that leaves the execution loop (cpu_loop_exit; glibc's fortified name). The main loop
 * sleeps for changing times after each poll, as if other guests had its processor. */
#include <dlfcn.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

void __longjmp_chk(sigjmp_buf env, int value) __attribute__((noreturn));

/* Also of a copy of a machine, where the thread is another. */
static _Thread_local bool main_loop;

__attribute__((constructor)) static void know_main_loop(void)
{
	main_loop = true;
}

static void sleep_us(long us)
{
	nanosleep(&(struct timespec){0, us * 1000}, NULL);
}

void __longjmp_chk(sigjmp_buf env, int value)
{
	static void (*real)(sigjmp_buf, int) __attribute__((noreturn));

	if (!real)
		real = dlsym(RTLD_NEXT, "__longjmp_chk");
	sleep_us(100);
	real(env, value);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	static int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	static unsigned count;
	int ready;

	if (!real)
		real = dlsym(RTLD_NEXT, "ppoll");
	ready = real(fds, n, limit, mask);
	if (main_loop)
		sleep_us(count++ * 37 % 1000);
	return ready;
}
