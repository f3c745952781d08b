#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"

#define LINE_MAX_BYTES 65536

/* QEMU ends each message with CR LF and nothing waits behind an answer but events, so a message is
 * read byte by byte: the few hundred bytes of a VM's life are not worth a buffer that has to live
 * as long as the connection. */
static int read_line(int fd, char *line, int timeout_ms, struct err **e)
{
	size_t n = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int ready = poll(&p, 1, timeout_ms);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_set(e, 0, "QEMU does not answer on its control socket");
		got = read(fd, line + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, 0, "QEMU closed its control socket");
		if (line[n] == '\n') {
			line[n] = '\0';
			return 0;
		}
		if (++n == LINE_MAX_BYTES)
			return err_set(e, 0, "QEMU sent an endless line");
	}
}

static int read_message(int fd, int timeout_ms, json_t **out, struct err **e)
{
	char line[LINE_MAX_BYTES + 1];

	if (read_line(fd, line, timeout_ms, e) < 0)
		return -1;
	*out = json_loads(line, 0, NULL);
	if (!*out)
		return err_set(e, 0, "QEMU sent no JSON: %.60s", line);
	return 0;
}

static int send_message(int fd, const char *text, int pass_fd, struct err **e)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (void *)text, .iov_len = strlen(text)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (pass_fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) != (ssize_t)iov.iov_len)
		return err_set(e, errno, "write to QEMU's control socket");
	return 0;
}

/* The next answer to a command; events and the greeting on the way are dropped. */
static int read_answer(int fd, int timeout_ms, json_t **result, struct err **e)
{
	for (;;) {
		cleanup_json json_t *message = NULL;
		json_t *value;

		if (read_message(fd, timeout_ms, &message, e) < 0)
			return -1;
		value = json_object_get(message, "error");
		if (value)
			return err_set(e, 0, "%s",
			               json_string_value(json_object_get(value, "desc")));
		value = json_object_get(message, "return");
		if (!value)
			continue;
		if (result)
			*result = json_incref(value);
		return 0;
	}
}

int qmp_skip(int fd, int answers, int timeout_ms, struct err **e)
{
	while (answers-- > 0)
		if (read_answer(fd, timeout_ms, NULL, e) < 0)
			return -1;
	return 0;
}

int qmp_command(int fd, const char *name, json_t *arguments, int send_fd, int timeout_ms,
                json_t **result, struct err **e)
{
	cleanup_json json_t *request = json_pack("{s:s}", "execute", name);
	cleanup_free char *text = NULL;

	if (arguments)
		json_object_set_new(request, "arguments", arguments);
	text = json_dumps(request, JSON_COMPACT);
	if (send_message(fd, text, send_fd, e) < 0 || read_answer(fd, timeout_ms, result, e) < 0)
		return err_wrap(e, "QEMU: %s", name);
	return 0;
}

int qmp_open(int fd, int timeout_ms, struct err **e)
{
	return qmp_command(fd, "qmp_capabilities", NULL, -1, timeout_ms, NULL, e);
}

void qmp_last_shutdown(int fd, char *reason, size_t size)
{
	*reason = '\0';
	for (;;) {
		cleanup_json json_t *message = NULL;
		const char *event, *why;

		/* With the other end closed there is no wait: the end of the stream is an error. */
		if (fd < 0 || read_message(fd, 0, &message, NULL) < 0)
			return;
		event = json_string_value(json_object_get(message, "event"));
		why =
		    json_string_value(json_object_get(json_object_get(message, "data"), "reason"));
		if (event && why && !strcmp(event, "SHUTDOWN"))
			snprintf(reason, size, "%s", why);
	}
}

int qmp_save(int fd, int state_fd, struct err **e)
{
	if (qmp_command(fd, "getfd", json_pack("{s:s}", "fdname", "state"), state_fd, 10000, NULL,
	                e) < 0 ||
	    qmp_command(fd, "migrate", json_pack("{s:s}", "uri", "fd:state"), -1, 10000, NULL, e) <
	        0)
		return -1;
	for (;;) {
		cleanup_json json_t *info = NULL;
		const char *status;

		if (qmp_command(fd, "query-migrate", NULL, -1, 10000, &info, e) < 0)
			return -1;
		status = json_string_value(json_object_get(info, "status"));
		if (status && !strcmp(status, "completed"))
			return 0;
		if (status && (!strcmp(status, "failed") || !strcmp(status, "cancelled"))) {
			const char *why = json_string_value(json_object_get(info, "error-desc"));

			return err_set(e, 0, "QEMU could not save the machine: %s",
			               why ? why : status);
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}
