/* How probes find and ask the victims. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "common/json_line.h"
#include "probe/ask.h"
#include "probe/probe.h"

int victim_fact(const char *victim, const char *key, char *value, size_t size)
{
	cleanup_file FILE *f = fopen(CASE_FACTS, "re");
	char line[256], start[80];

	if (!f)
		return -1;
	snprintf(start, sizeof(start), "%s %s ", victim, key);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, start, strlen(start)) != 0)
			continue;
		snprintf(value, size, "%s", line + strlen(start));
		return 0;
	}
	errno = ENODATA;
	return -1;
}

long victim_number(const char *victim, const char *key)
{
	char value[32], *end;
	long n;

	if (victim_fact(victim, key, value, sizeof(value)) < 0)
		return -1;
	n = strtol(value, &end, 10);
	return *end ? -1 : n;
}

int connect_victim(const char *victim, bool abstract)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 2};
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(at);
	int on = 1;

	if (victim_fact(victim, abstract ? "abstract" : "socket", at.sun_path + abstract,
	                sizeof(at.sun_path) - abstract) < 0 ||
	    fd < 0)
		return -1;
	if (abstract)
		len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		                  strlen(at.sun_path + 1));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Before there is a peer: it adds credentials to what it sends from now on (unix(7)). */
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&at, len) < 0)
		return -1;
	return take_fd(&fd);
}

int ask_over(int fd, enum request request, struct answer *out, struct ucred *sent)
{
	char letter = (char)request;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec data = {out, sizeof(*out)};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	struct cmsghdr *c;

	m.msg_control = control.bytes;
	m.msg_controllen = sizeof(control.bytes);
	if (send(fd, &letter, 1, MSG_NOSIGNAL) != 1)
		return -1;
	if (TEMP_FAILURE_RETRY(recvmsg(fd, &m, MSG_CMSG_CLOEXEC)) != sizeof(*out)) {
		errno = errno ? errno : EPIPE;
		return -1;
	}
	c = CMSG_FIRSTHDR(&m);
	if (sent && c && c->cmsg_type == SCM_CREDENTIALS)
		memcpy(sent, CMSG_DATA(c), sizeof(*sent));
	return 0;
}

int ask_victim(const char *victim, enum request request, struct answer *out)
{
	cleanup_close int fd = connect_victim(victim, true);

	return fd < 0 ? -1 : ask_over(fd, request, out, NULL);
}

int each_victim(const struct session *s, void (*look)(const struct victim *v, void *arg), void *arg)
{
	cleanup_free struct victim *victims = NULL;
	size_t n;

	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		look(&victims[i], arg);
	return 0;
}

void add_text(json_t *list, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(list, json_line_string(text));
}

void add_once(json_t *list, const char *text)
{
	json_t *known;
	size_t i;

	json_array_foreach(list, i, known) if (strcmp(json_string_value(known), text) == 0) return;
	add_text(list, "%s", text);
}
