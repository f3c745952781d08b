/* What the guest writes to port 0xe9 leaves QEMU a line at a time.
 *
 * QEMU's debugcon sends each byte on its own, a system call of QEMU's and two of the reader's; a
 * login has some thousand bytes to say. The bytes are kept until a line has ended or the room is
 * full, so what is lost when QEMU is killed is a line's beginning at most, which no reader can use.
 * The reader may be slow: as in qemu_chr_fe_write_all(), the guest waits for it. */
#include "preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "vm_copy.h"
#include "vm_fds.h"

static struct {
	char bytes[4096];
	size_t n;
} line;

static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);

/* Other libraries' constructors may have called it by then. */
__attribute__((constructor)) static void find_functions(void)
{
	real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
}

/* A reader that has gone needs nothing: what it has not read is dropped. */
__attribute__((destructor)) static void send_line(void)
{
	for (size_t done = 0; done < line.n;) {
		ssize_t n = send(FD_EVENTS, line.bytes + done, line.n - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){FD_EVENTS, POLLOUT, 0}, 1, -1);
		else if (n < 0 && errno != EINTR)
			break;
		else if (n > 0)
			done += (size_t)n;
	}
	line.n = 0;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	char byte;

	if (!real_sendmsg)
		find_functions();
	if (fd != FD_EVENTS || role != VCPU || m->msg_iovlen != 1 || m->msg_iov[0].iov_len != 1)
		return real_sendmsg(fd, m, flags);
	byte = *(char *)m->msg_iov[0].iov_base;
	if (byte == VM_COPY_POINT) {
		send_line();
		if (copies_make())
			return 1;
	}
	line.bytes[line.n++] = byte;
	if (byte == '\n' || line.n == sizeof(line.bytes))
		send_line();
	return 1;
}
