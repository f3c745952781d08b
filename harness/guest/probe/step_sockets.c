/* Meets the victims at their sockets: what do these tell of who is at the other end? */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/credentials.h"
#include "probe/probe.h"

struct found {
	const char *tcp_table, *unix_table; /* of /proc/net, or NULL */
	json_t *met, *peer_pids, *sent_pids, *uids;
	json_t *forged, *tcp, *named, *owners;
};

static void meet(const struct victim *v, bool abstract, struct found *f)
{
	cleanup_close int fd = connect_victim(v->name, abstract);
	const char *how = abstract ? "abstract" : "path";
	struct ucred peer = {0}, sent = {0};
	socklen_t len = sizeof(peer);
	struct answer a = {0};

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
	    ask_over(fd, ASK_GREETING, &a, &sent) < 0)
		return;
	add_text(f->met, "%s %s", how, v->name);
	if (peer.pid)
		add_text(f->peer_pids, "%s %s: %d", how, v->name, peer.pid);
	if (sent.pid)
		add_text(f->sent_pids, "%s %s: %d", how, v->name, sent.pid);
	if (abstract)
		add_text(f->uids, "%s: %u", v->name, peer.uid);
}

const char *send_credentials(pid_t pid)
{
	struct ucred c = {.pid = pid, .uid = getuid(), .gid = getgid()};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(c))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(c)),
	                      .cmsg_level = SOL_SOCKET,
	                      .cmsg_type = SCM_CREDENTIALS}};
	char byte = 'x';
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	int pair[2], error = 0;

	m.msg_control = control.bytes;
	m.msg_controllen = sizeof(control.bytes);
	memcpy(CMSG_DATA(&control.head), &c, sizeof(c));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return errno_name(errno);
	if (sendmsg(pair[0], &m, 0) < 0)
		error = errno;
	close(pair[0]);
	close(pair[1]);
	return error ? errno_name(error) : "ok";
}

static bool tcp_answers(const struct victim *v)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	cleanup_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long port = victim_number(v->name, "tcp");

	at.sin_port = htons((uint16_t)port);
	return port > 0 && fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
}

/* A line of /proc/net/tcp for a socket that listens: "0100007F:1F40 00000000:0000 0A ... UID". */
static bool tcp_listed(const char *table, const struct victim *v)
{
	char start[32];
	const char *line;
	unsigned uid;

	snprintf(start, sizeof(start), "0100007F:%04lX 00000000:0000 0A",
	         (unsigned long)victim_number(v->name, "tcp"));
	line = table ? strstr(table, start) : NULL;
	return line && sscanf(line + strlen(start), " %*s %*s %*s %u", &uid) == 1 && uid == v->uid;
}

static bool unix_listed(const char *table, const struct victim *v)
{
	char name[64] = "@";

	return table && victim_fact(v->name, "abstract", name + 1, sizeof(name) - 1) == 0 &&
	       strstr(table, name);
}

static void look_at_sockets(const struct victim *v, void *arg)
{
	struct found *f = arg;

	meet(v, true, f);
	meet(v, false, f);
	add_once(f->forged, send_credentials(v->pid));
	if (tcp_answers(v))
		add_text(f->tcp, "%s", v->name);
	if (unix_listed(f->unix_table, v))
		add_text(f->named, "%s", v->name);
	if (tcp_listed(f->tcp_table, v))
		add_text(f->owners, "%s", v->name);
}

int step_sockets(struct session *s, long number)
{
	cleanup_free char *tcp_table = procfs_file_at(AT_FDCWD, "/proc/net/tcp", NULL);
	cleanup_free char *unix_table = procfs_file_at(AT_FDCWD, "/proc/net/unix", NULL);
	struct found f = {tcp_table,    unix_table,   json_array(), json_array(), json_array(),
	                  json_array(), json_array(), json_array(), json_array(), json_array()};

	(void)number;
	if (each_victim(s, look_at_sockets, &f) < 0)
		return -1;
	return observe(s, "sockets.met", f.met) | observe(s, "sockets.peer_pids", f.peer_pids) |
	       observe(s, "sockets.sent_pids", f.sent_pids) | observe(s, "sockets.uids", f.uids) |
	       observe(s, "sockets.forged", f.forged) |
	       observe(s, "sockets.own_sent", json_string(send_credentials(getpid()))) |
	       observe(s, "sockets.tcp", f.tcp) | observe(s, "sockets.named", f.named) |
	       observe(s, "sockets.owners", f.owners);
}
