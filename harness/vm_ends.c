#include "vm_ends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"

int vm_pair(int type, int *ours, int *theirs, struct err **e)
{
	int sv[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, sv) < 0)
		return err_set(e, errno, "create a socket pair");
	*ours = sv[0];
	*theirs = sv[1];
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return 0;
}

int vm_memory_file(const char *name, struct err **e)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "create a memory file") : fd;
}

static int guest_file(const char *name, const void *data, size_t len, struct err **e)
{
	cleanup_close int fd = vm_memory_file(name, e);
	char length[VM_LENGTH_DIGITS + 1];

	if (fd < 0)
		return -1;
	snprintf(length, sizeof(length), "%0*zx", VM_LENGTH_DIGITS, len);
	if (write_all(fd, length, VM_LENGTH_DIGITS) < 0 || write_all(fd, data, len) < 0)
		return err_set(e, errno, "write a memory file");
	return take_fd(&fd);
}

static int job_file(const struct vm_spec *s, struct err **e)
{
	static const char idle[] = "{\"id\": \"idle\", \"job\": \"idle\"}";
	const char *job = s->job ? s->job : idle;

	return guest_file("job", job, strlen(job), e);
}

int vm_ends_open(const struct vm_spec *s, struct vm *vm, struct vm_ends *ends, struct err **e)
{
	*ends = (struct vm_ends){-1, -1, -1, -1, -1};
	if (vm_pair(SOCK_STREAM, &vm->qmp_fd, &ends->qmp, e) < 0 ||
	    vm_pair(SOCK_STREAM, &vm->events_fd, &ends->events, e) < 0)
		return -1;
	vm->errors_fd = vm_memory_file("errors", e);
	if (vm->errors_fd < 0)
		return -1;
	ends->errors = fcntl(vm->errors_fd, F_DUPFD_CLOEXEC, 0);
	if (ends->errors < 0)
		return err_set(e, errno, "duplicate a memory file");
	ends->job = job_file(s, e);
	if (ends->job < 0)
		return -1;
	if (!s->module && !s->copies && !s->of)
		return 0;
	ends->module = guest_file("module", s->module ? s->module : "", s->module_size, e);
	return ends->module < 0 ? -1 : 0;
}
