#include "probe/connector.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int connector_open(void)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	int error;

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int connector_listen(int fd, bool on)
{
	struct {
		struct nlmsghdr head;
		struct cn_msg
		    message; // NOLINT(clang-diagnostic-gnu-variable-sized-type-not-at-end)
		enum proc_cn_mcast_op op;
	} __attribute__((packed)) m = {
	    .head = {.nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_DONE},
	    .message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(m.op)},
	    .op = on ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE,
	};

	return send(fd, &m, sizeof(m), 0) < 0 ? -1 : 0;
}

bool connector_names(int fd, int pid)
{
	char buffer[1024] __attribute__((aligned(8)));
	bool named = false;
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		const struct cn_msg *m = NLMSG_DATA((struct nlmsghdr *)buffer);
		const struct proc_event *e = (const void *)m->data;

		if ((size_t)n < NLMSG_HDRLEN + sizeof(*m) + sizeof(*e))
			continue;
		if (e->what == PROC_EVENT_FORK)
			named |= e->event_data.fork.child_pid == pid;
		if (e->what == PROC_EVENT_EXIT)
			named |= e->event_data.exit.process_pid == pid;
	}
	return named;
}
