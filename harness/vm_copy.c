/* The host's side of vm_copy.h. */
#include "vm_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vm_ends.h"

/* For how long a machine that is copied may find no processor time to do so. */
#define COPY_WAIT_MS 30000

/* The descriptors of a request, in the order of vm_copy.h. */
static int open_request(const struct vm_spec *s, struct vm *vm, int *fds, struct err **e)
{
	struct vm_ends ends;
	int status;

	if ((s->job ? strlen(s->job) : 0) + VM_LENGTH_DIGITS > VM_COPY_JOB_MAX ||
	    s->module_size + VM_LENGTH_DIGITS > VM_COPY_MODULE_MAX)
		return err_set(e, 0, "job or module have more than %d MiB",
		               VM_COPY_MODULE_MAX >> 20);
	status = vm_ends_open(s, vm, &ends, e);
	fds[COPY_ERRORS] = ends.errors;
	fds[COPY_QMP] = ends.qmp;
	fds[COPY_EVENTS] = ends.events;
	fds[COPY_JOB] = ends.job;
	fds[COPY_MODULE] = ends.module;
	if (status < 0)
		return -1;
	fds[COPY_CONSOLE] = s->console
	                        ? open(s->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
	                        : open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fds[COPY_CONSOLE] < 0)
		return err_set(e, errno, "create %s", s->console ? s->console : "/dev/null");
	return 0;
}

static int send_request(int socket, const int *fds)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(VM_COPY_FDS * sizeof(int))];
	} control = {0};
	struct iovec data = {"", 1};
	struct msghdr m = {.msg_iov = &data,
	                   .msg_iovlen = 1,
	                   .msg_control = &control,
	                   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(VM_COPY_FDS * sizeof(int));
	memcpy(CMSG_DATA(c), fds, VM_COPY_FDS * sizeof(int));
	return sendmsg(socket, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int vm_copy(const struct vm_spec *spec, struct vm *vm, struct err **e)
{
	vm_copy_answer pid = 0;
	struct pollfd answer = {.fd = spec->of->copies_fd, .events = POLLIN};
	int fds[VM_COPY_FDS], status = -1;

	memset(fds, -1, sizeof(fds));
	vm->started_ns = host_now();
	if (open_request(spec, vm, fds, e) < 0)
		goto out;
	if (send_request(spec->of->copies_fd, fds) < 0 || poll(&answer, 1, COPY_WAIT_MS) <= 0 ||
	    recv(spec->of->copies_fd, &pid, sizeof(pid), MSG_DONTWAIT) != sizeof(pid)) {
		err_set(e, 0, "the machine to be copied does not answer");
		goto out;
	}
	if (pid < 0) {
		err_set(e, -pid, "copy a machine");
		goto out;
	}
	vm->pid = pid;
	vm->pidfd = syscall(SYS_pidfd_open, vm->pid, 0);
	vm->qmp_ready = true;
	status = 0;
out:
	for (int i = 0; i < VM_COPY_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (status < 0)
		vm_kill(vm, NULL);
	return status;
}
