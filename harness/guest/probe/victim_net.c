/* What a victim holds in the network namespace. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/probe.h"
#include "probe/victim.h"
#include "probe/victim_serve.h"

static struct pollfd listeners[2] = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}};

static int listen_at(const struct sockaddr_un *name, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)name, len) < 0 || listen(fd, 16) < 0)
		return -1;
	return fd;
}

int hold_unix(struct holder *h)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	size_t base = offsetof(struct sockaddr_un, sun_path);
	int n = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "pamlab-%s", h->name);

	listeners[0].fd = listen_at(&name, (socklen_t)(base + 1 + (size_t)n));
	if (listeners[0].fd < 0)
		return -1;
	hold_fact(h, "abstract", "%s", name.sun_path + 1);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/socket", h->dir);
	unlink(name.sun_path);
	listeners[1].fd = listen_at(&name, sizeof(name));
	if (listeners[1].fd < 0 || chmod(name.sun_path, 0666) < 0)
		return -1;
	hold_fact(h, "socket", "%s", name.sun_path);
	return 0;
}

int hold_tcp(struct holder *h)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* A port that says whose it is, and is the same each time. */
	at.sin_port = htons((uint16_t)(7000 + getuid()));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 16) < 0)
		return -1;
	hold_fact(h, "tcp", "%u", ntohs(at.sin_port));
	return 0;
}

/* The number of its port is its pid, as with most programs that use netlink. */
int hold_netlink(struct holder *h)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_pid = (unsigned)getpid()};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -1;
	hold_fact(h, "netlink", "%u", at.nl_pid);
	return 0;
}

_Noreturn void serve(struct holder *h)
{
	for (;;) {
		if (poll(listeners, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			int fd = -1;

			if (listeners[i].revents)
				fd = accept4(listeners[i].fd, NULL, NULL, SOCK_CLOEXEC);
			if (fd >= 0) {
				serve_one(h, fd);
				close(fd);
			}
		}
	}
}
