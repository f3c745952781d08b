/* At a terminal: raw keys, the menu behind ^], and what a line shows when it is returned to. */
#include "forward.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal.h"

#define ESCAPE 0x1d /* ^] */

enum which { LOGIN, ROOT };

/* One of the guest's serial lines. While it is not shown nobody reads it: what it says waits in the
 * socket, then in the guest. */
struct line {
	int fd;
	bool closed;
	char keys[1024]; /* typed, not yet taken */
	size_t n_keys;
	char last[160]; /* what stands behind its last newline: shown again on return */
	size_t n_last;
};

struct desk {
	struct guest *g;
	bool root_console, login_over, quit;
	struct line line[2];
	enum which shown;
	bool menu; /* after ^]; the guest's output waits */
};

__attribute__((format(printf, 2, 3))) static int say(struct err **e, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return terminal_write(STDOUT_FILENO, text, strlen(text), e);
}

static void remember(struct line *l, const char *data, size_t len)
{
	const char *newline = memrchr(data, '\n', len);

	if (newline) {
		l->n_last = 0;
		len -= newline + 1 - data;
		data = newline + 1;
	}
	if (l->n_last + len > sizeof(l->last))
		l->n_last = len = 0;
	memcpy(l->last + l->n_last, data, len);
	l->n_last += len;
}

/* Shows what the line has said; 1 if there was something, 0 if not. */
static int show(struct line *l, struct err **e)
{
	char data[16384];
	ssize_t n = recv(l->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		l->closed = true; /* QEMU has ended: its events tell why */
		return 0;
	}
	remember(l, data, n);
	return terminal_write(STDOUT_FILENO, data, n, e) < 0 ? -1 : 1;
}

static int return_to_line(struct desk *d, struct err **e)
{
	const struct line *l = &d->line[d->shown];

	d->menu = false;
	return terminal_write(STDOUT_FILENO, l->last, l->n_last, e);
}

static int switch_to(struct desk *d, enum which to, struct err **e)
{
	d->shown = to;
	if (say(e, to == ROOT ? "[root console, outside the session]\r\n" : "[login]\r\n") < 0)
		return -1;
	return return_to_line(d, e);
}

static void type(struct line *l, char key)
{
	if (l->n_keys < sizeof(l->keys))
		l->keys[l->n_keys++] = key;
}

static int open_menu(struct desk *d, struct err **e)
{
	d->menu = true;
	return say(e, "\r\n[^]: l login, %sq quit, ^] sends itself] ",
	           d->root_console ? "r root console, " : "");
}

static int choose(struct desk *d, char key, struct err **e)
{
	if (say(e, "\r\n") < 0)
		return -1;
	switch (key) {
	case 'q':
		d->quit = true;
		return 0;
	case 'r':
		if (d->root_console)
			return switch_to(d, ROOT, e);
		if (say(e, "[no root console: start pamlab shell with --root-console]\r\n") < 0)
			return -1;
		break;
	case 'l':
		if (!d->login_over)
			return switch_to(d, LOGIN, e);
		if (say(e, "[the login has ended]\r\n") < 0)
			return -1;
		break;
	case ESCAPE:
		type(&d->line[d->shown], key);
		break;
	default:
		break;
	}
	return return_to_line(d, e);
}

static int take_keys(struct desk *d, struct err **e)
{
	char keys[sizeof(d->line->keys)];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		d->quit = true; /* the terminal is gone */
	for (ssize_t i = 0; i < n && !d->quit; i++) {
		int status = 0;

		if (d->menu)
			status = choose(d, keys[i], e);
		else if (keys[i] == ESCAPE)
			status = open_menu(d, e);
		else
			type(&d->line[d->shown], keys[i]);
		if (status < 0)
			return -1;
	}
	return 0;
}

static void pass_keys(struct line *l)
{
	ssize_t n = l->n_keys ? send(l->fd, l->keys, l->n_keys, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		l->n_keys = 0;
	if (n > 0) {
		l->n_keys -= n;
		memmove(l->keys, l->keys + n, l->n_keys);
	}
}

/* The login's end is the end, but who is at the root console may want to see what it left. */
static int take_end(struct desk *d, struct err **e)
{
	if (d->shown == LOGIN) {
		int more;

		while ((more = show(&d->line[LOGIN], e)) > 0)
			;
		d->quit = true;
		return more;
	}
	if (d->g->end != GUEST_DONE) {
		d->quit = true;
		return 0;
	}
	d->login_over = true;
	return say(e, "\r\n[the login has ended; ^] q quits]\r\n%.*s", (int)d->line[ROOT].n_last,
	           d->line[ROOT].last);
}

static int turn(struct desk *d, struct err **e)
{
	struct line *l = &d->line[d->shown], *other = &d->line[!d->shown];
	bool idle = !l->n_keys && !other->n_keys;
	short output = d->menu ? 0 : POLLIN;
	struct pollfd p[] = {
	    {.fd = idle ? STDIN_FILENO : -1, .events = POLLIN},
	    {.fd = l->closed ? -1 : l->fd, .events = output | (l->n_keys ? POLLOUT : 0)},
	    {.fd = other->n_keys && !other->closed ? other->fd : -1, .events = POLLOUT},
	    {.fd = d->login_over ? -1 : d->g->vm.events_fd, .events = POLLIN},
	    {.fd = d->g->vm.pidfd, .events = POLLIN},
	};

	if (poll(p, sizeof(p) / sizeof(*p), -1) < 0)
		return errno == EINTR ? 0 : err_set(e, errno, "wait for the terminal");
	/* pass_keys never fills a line with what cannot be taken, and stdin waits meanwhile. */
	pass_keys(l);
	pass_keys(other);
	if ((p[1].revents & (POLLIN | POLLHUP)) && output && show(l, e) < 0)
		return -1;
	if (p[0].revents && take_keys(d, e) < 0)
		return -1;
	if (d->login_over) {
		d->quit |= p[4].revents != 0; /* somebody switched it off */
		return 0;
	}
	return (p[3].revents || p[4].revents) && guest_read(d->g) ? take_end(d, e) : 0;
}

int forward_terminal(struct guest *g, bool root_console, struct err **e)
{
	struct desk d = {.g = g, .root_console = root_console};

	for (int i = 0; i < 2; i++)
		d.line[i].fd = g->vm.term_fd[i];
	while (!d.quit)
		if (turn(&d, e) < 0)
			return -1;
	return 0;
}
