/* What a VM costs the host, as the kernel accounts for it. */
#include <stdio.h>
#include <time.h>

#include "cleanup.h"
#include "vm.h"

int64_t vm_cpu_ns(const struct vm *vm)
{
	struct timespec t;
	clockid_t clock;

	if (vm->pid <= 0 || clock_getcpuclockid(vm->pid, &clock) != 0 ||
	    clock_gettime(clock, &t) < 0)
		return -1;
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

long vm_private_kb(const struct vm *vm)
{
	cleanup_file FILE *f = NULL;
	char path[64], line[256];
	long total = 0, kb;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", vm->pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Anonymous: %ld", &kb) == 1)
			total += kb;
	return total;
}

int64_t host_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}
