/* The program's entry point (-Wl,-e,pamlab_first_instruction). Whoever enters a session expects
 * /proc to be there from the first instruction on, so that is when it is looked at: the dynamic
 * linker's and libc's start would hide a race of some 100 microseconds.
 *
 * Nothing of libc works yet: no errno, no thread-local storage, no stack protector, and the string
 * functions are still to be relocated (IRELATIVE). Hence raw system calls, and no loops over bytes
 * that the compiler could turn into memset or memcpy. */
#include "probe/first.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

struct first_look first_look;
static struct statfs stat_fs;

static inline long raw(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
	                 : "=a"(ret)
	                 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
	                 : "rcx", "r11", "memory");
	return ret;
}

__attribute__((used, noinline, no_stack_protector)) static void look(uint64_t tsc)
{
	long fd;

	first_look.tsc = tsc;
	first_look.pid = raw(SYS_getpid, 0, 0, 0, 0);
	first_look.link_len = raw(SYS_readlink, (long)"/proc/self", (long)first_look.link,
	                          sizeof(first_look.link), 0);
	fd = raw(SYS_openat, AT_FDCWD, (long)"/proc/self/stat", O_RDONLY | O_CLOEXEC, 0);
	first_look.stat_open = fd;
	if (fd < 0)
		return;
	if (raw(SYS_fstatfs, fd, (long)&stat_fs, 0, 0) == 0)
		first_look.stat_type = stat_fs.f_type;
	raw(SYS_close, fd, 0, 0, 0);
}

/* Goes on to libc's _start with the stack and the registers as the kernel left them: rdx is a
 * function for atexit() (System V ABI, AMD64 supplement, 3.4.1), rsp points at argc, and the others
 * are zero on Linux. At entry rsp is a multiple of 16, as a call wants it: two pushes keep it so.
 */
__attribute__((naked, noreturn)) void pamlab_first_instruction(void);
__attribute__((naked, noreturn)) void pamlab_first_instruction(void)
{
	__asm__ volatile("movq %%rdx, %%r12\n\t"
	                 "rdtsc\n\t"
	                 "shlq $32, %%rdx\n\t"
	                 "orq %%rdx, %%rax\n\t"
	                 "pushq %%r12\n\t"
	                 "pushq %%r12\n\t"
	                 "movq %%rax, %%rdi\n\t"
	                 "call %P0\n\t"
	                 "popq %%rdx\n\t"
	                 "popq %%rdx\n\t"
	                 "xorl %%r12d, %%r12d\n\t"
	                 "xorl %%eax, %%eax\n\t"
	                 "xorl %%ecx, %%ecx\n\t"
	                 "xorl %%esi, %%esi\n\t"
	                 "xorl %%edi, %%edi\n\t"
	                 "xorl %%r8d, %%r8d\n\t"
	                 "xorl %%r9d, %%r9d\n\t"
	                 "xorl %%r10d, %%r10d\n\t"
	                 "xorl %%r11d, %%r11d\n\t"
	                 "jmp _start"
	                 :
	                 : "i"(look));
}
