/* Looks for the victims by netlink: ports, task statistics, news. */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/connector.h"
#include "probe/probe.h"

/* The third column of a line is the port: "sk Eth Pid Groups ...". */
static bool port_listed(const char *table, pid_t pid)
{
	const char *line = table;
	unsigned port;

	while (line && (line = strchr(line, '\n'))) {
		line++;
		if (sscanf(line, "%*s %*d %u", &port) == 1 && port == (unsigned)pid)
			return true;
	}
	return false;
}

static bool port_taken(pid_t pid)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_pid = (unsigned)pid};
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 && errno == EADDRINUSE;
}

/* A generic netlink request with one attribute. */
struct generic_request {
	struct nlmsghdr head;
	struct genlmsghdr generic;
	struct nlattr attribute;
	char value[32];
};

/* Sends it and reads the answer. Returns its length, or -1 with errno, also if the answer is an
 * error; ENOENT if there is no such family. */
static ssize_t generic_call(unsigned family, unsigned command, unsigned type, const void *value,
                            size_t len, char *answer, size_t size)
{
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct timeval patience = {.tv_sec = 1};
	struct generic_request r = {
	    .head = {.nlmsg_type = (uint16_t)family, .nlmsg_flags = NLM_F_REQUEST},
	    .generic = {.cmd = (uint8_t)command, .version = 1},
	    .attribute = {.nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = (uint16_t)type},
	};
	const struct nlmsghdr *head = (const void *)answer;
	ssize_t n;

	if (!family) {
		errno = ENOENT;
		return -1;
	}
	memcpy(r.value, value, len);
	r.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN + NLA_ALIGN(NLA_HDRLEN + (unsigned)len));
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, &r, r.head.nlmsg_len, 0) < 0)
		return -1;
	n = recv(fd, answer, size, 0);
	if (n >= (ssize_t)sizeof(*head) && head->nlmsg_type == NLMSG_ERROR) {
		errno = -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
		return errno ? -1 : n;
	}
	return n;
}

/* The number of the family "TASKSTATS", or 0 with errno. */
/* 0: the kernel was built without. */
static unsigned taskstats_family(void)
{
	char answer[1024] __attribute__((aligned(8)));
	ssize_t n =
	    generic_call(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
	                 TASKSTATS_GENL_NAME, sizeof(TASKSTATS_GENL_NAME), answer, sizeof(answer));
	ssize_t at = NLMSG_LENGTH(GENL_HDRLEN);

	while (n > 0 && at + (ssize_t)sizeof(struct nlattr) <= n) {
		const struct nlattr *a = (const void *)(answer + at);

		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const uint16_t *)(a + 1);
		if (a->nla_len < sizeof(*a))
			break;
		at += NLA_ALIGN(a->nla_len);
	}
	return 0;
}

static const char *ask_taskstats(unsigned family, pid_t pid)
{
	char answer[2048] __attribute__((aligned(8)));
	uint32_t value = (uint32_t)pid;

	if (!family)
		return "ENOENT";
	return generic_call(family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID, &value,
	                    sizeof(value), answer, sizeof(answer)) < 0
	           ? errno_name(errno)
	           : "ok";
}

static const char *register_taskstats(unsigned family)
{
	char answer[1024] __attribute__((aligned(8)));
	ssize_t n = generic_call(family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK,
	                         "0", 2, answer, sizeof(answer));

	/* There is no answer but an error. */
	return n < 0 && errno != EAGAIN ? errno_name(errno) : "ok";
}

/* Joins, has root start a process while it listens itself, and reads. */
static int try_connector(struct session *s)
{
	cleanup_close int fd = connector_open();
	const char *joined = fd < 0 ? errno_name(errno) : "ok";
	struct answer a = {0};
	bool seen = false;

	if (fd >= 0 && ask_victim("root", ASK_EVENTS, &a) == 0 && a.error == 0)
		seen = connector_names(fd, a.value);
	return observe(s, "netlink.connector", json_string(joined)) |
	       observe(s, "netlink.forks_seen", json_boolean(seen));
}

static const struct {
	const char *name;
	int protocol;
	unsigned groups;
} news[] = {
    {"devices", NETLINK_KOBJECT_UEVENT, 1},
    {"routes", NETLINK_ROUTE, 1},
    {"audit", NETLINK_AUDIT, 1},
    {"netfilter", NETLINK_NETFILTER, 1},
    {"sockets", NETLINK_SOCK_DIAG, 1},
};

static json_t *try_news(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(news) / sizeof(*news); i++) {
		struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = news[i].groups};
		cleanup_close int fd =
		    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, news[i].protocol);
		bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

		add_text(list, "%s: %s", news[i].name, ok ? "ok" : errno_name(errno));
	}
	return list;
}

int step_netlink(struct session *s, long number)
{
	cleanup_free char *table = procfs_file_at(AT_FDCWD, "/proc/net/netlink", NULL);
	json_t *listed = json_array(), *taken = json_array(), *statistics = json_array();
	cleanup_free struct victim *victims = NULL;
	unsigned family = taskstats_family();
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (port_listed(table, victims[i].pid))
			add_text(listed, "%s", victims[i].name);
		if (port_taken(victims[i].pid))
			add_text(taken, "%s", victims[i].name);
		add_once(statistics, ask_taskstats(family, victims[i].pid));
	}
	return observe(s, "netlink.listed", listed) | observe(s, "netlink.taken", taken) |
	       observe(s, "netlink.taskstats", statistics) |
	       observe(s, "netlink.taskstats_register", json_string(register_taskstats(family))) |
	       try_connector(s) | observe(s, "netlink.groups", try_news());
}
