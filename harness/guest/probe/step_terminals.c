/* The victims' terminals: are they there, can they be opened, and what can be done to them then? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/ask.h"
#include "probe/probe.h"

static int push_input(int fd)
{
	return ioctl(fd, TIOCSTI, "x");
}

/* As the leader of a session that has no terminal yet, which is when it can be tried. */
static int take_terminal(int fd)
{
	setsid();
	return ioctl(fd, TIOCSCTTY, 0);
}

static int steal_terminal(int fd)
{
	setsid();
	return ioctl(fd, TIOCSCTTY, 1);
}

static int redirect_console(int fd)
{
	return ioctl(fd, TIOCCONS);
}

/* Where it is allowed, it does nothing: the session that it is made in has no terminal. */
static int hang_up(int fd)
{
	(void)fd;
	setsid();
	return vhangup();
}

/* EIO: the kernel lets nobody push input (dev.tty.legacy_tiocsti, 6.2). Sources: ioctl_tty(2),
 * vhangup(2), drivers/tty/tty_io.c, tty_jobctrl.c. */
static const struct {
	const char *name;
	bool wants_terminal;
	int (*run)(int fd);
	int right[2];
} calls[] = {
    {"TIOCSTI", true, push_input, {EPERM, EIO}},
    {"TIOCSCTTY", true, take_terminal, {EPERM}},
    {"TIOCSCTTY-steal", true, steal_terminal, {EPERM}},
    {"TIOCCONS", true, redirect_console, {EPERM}},
    {"vhangup", false, hang_up, {EPERM}},
};

struct terminals {
	json_t *listed, *opened, *errors, *used, *tried;
};

/* Makes the call in a child; returns its errno, 0 if it succeeded. */
static int call_apart(int (*run)(int fd), int fd)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(run(fd) < 0 ? errno : 0);
	status = pid < 0 ? -1 : wait_for(pid);
	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static void use(const char *name, int fd, struct terminals *t)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		int error;

		if (calls[i].wants_terminal != (fd >= 0))
			continue;
		error = call_apart(calls[i].run, fd);
		add_once(t->tried, calls[i].name);
		if (!error || (error != calls[i].right[0] && error != calls[i].right[1]))
			add_text(t->used, "%s %s: %s", calls[i].name, name,
			         error ? errno_name(error) : "ok");
	}
}

/* The terminal of that name is the victim's if it is of the same devpts. */
static bool is_of(const struct victim *v, const struct stat *st)
{
	return (long)st->st_dev == victim_number(v->name, "terminal-device");
}

static void look(const struct victim *v, struct terminals *t)
{
	cleanup_close int fd = -1;
	char path[64];
	struct stat st;

	if (victim_fact(v->name, "terminal", path, sizeof(path)) < 0)
		return;
	if (stat(path, &st) < 0) {
		add_once(t->errors, errno_name(errno));
		return;
	}
	if (!is_of(v, &st)) {
		add_once(t->errors, "ENOENT");
		return;
	}
	add_text(t->listed, "%s: %u", v->name, st.st_uid);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		add_once(t->errors, errno_name(errno));
		return;
	}
	add_text(t->opened, "%s", v->name);
	use(v->name, fd, t);
}

static json_t *list_openable(const char *const *paths, size_t n, int flags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		cleanup_close int fd = open(paths[i], flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0)
			add_text(list, "%s", paths[i]);
	}
	return list;
}

static const char *const devices[] = {
    "/dev/console", "/dev/tty0",  "/dev/tty1",         "/dev/tty63",      "/dev/ttyS0",
    "/dev/vcs",     "/dev/vcsa1", "/dev/input/event0", "/dev/input/mice", "/dev/fb0"};
static const char *const tables[] = {"/proc/tty/drivers", "/proc/tty/ldiscs", "/proc/consoles",
                                     "/sys/class/tty/console/active"};

int step_terminals(struct session *s, long number)
{
	struct terminals t = {json_array(), json_array(), json_array(), json_array(), json_array()};
	cleanup_free struct victim *victims = NULL;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		look(&victims[i], &t);
	use("own", -1, &t);
	return observe(s, "terminals.listed", t.listed) | observe(s, "terminals.opened", t.opened) |
	       observe(s, "terminals.errors", t.errors) | observe(s, "terminals.used", t.used) |
	       observe(s, "terminals.tried", t.tried) |
	       observe(s, "terminals.devices",
	               list_openable(devices, sizeof(devices) / sizeof(*devices), O_RDWR)) |
	       observe(s, "terminals.tables",
	               list_openable(tables, sizeof(tables) / sizeof(*tables), O_RDONLY));
}
