/* Runs a recipe's script with everything that can happen meanwhile: its words, its end, a ^C. */
#include "builder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "cleanup.h"

enum { PATIENCE_MS = 20000 }; /* for a script that was told to end */

struct listener {
	progress_fn progress;
	void *arg;
	char *first, *last; /* "E: " lines: the cause, and what came of it */
	int no_space;
	size_t used;
	char text[8192]; /* the beginning of a line */
};

static void hear_line(struct listener *l, char *line)
{
	if (strstr(line, "No space left on device"))
		l->no_space = 1;
	if (strncmp(line, "E: ", 3) == 0) {
		free(l->last);
		l->last = strdup(line + 3);
		if (!l->first)
			l->first = strdup(line + 3);
	} else if (strncmp(line, "I: ", 3) == 0 || strncmp(line, "W: ", 3) == 0) {
		/* mmdebstrap repeats the whole text of a hook here. */
		if (l->progress && !strstr(line, "hook"))
			l->progress(line + 3, l->arg);
	}
}

static pid_t start_script(struct build *b, char *const argv[], int out)
{
	pid_t parent = getpid(), pid = fork();
	int null;

	if (pid != 0)
		return pid;
	/* A group of its own: what we tell it to end is it and all its children. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	sigprocmask(SIG_SETMASK, &b->before, NULL);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	execvp(argv[0], argv);
	dprintf(2, "E: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Takes what there is to read; false at the end. */
static int hear_output(struct listener *l, int out)
{
	ssize_t n = read(out, l->text + l->used, sizeof(l->text) - 1 - l->used);
	char *line = l->text, *end;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n > 0)
		l->used += n;
	l->text[l->used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		hear_line(l, line);
		line = end + 1;
	}
	if (n <= 0 || l->used == sizeof(l->text) - 1) { /* no newline to come, or too long a line */
		hear_line(l, line);
		line = l->text + l->used;
	}
	l->used -= line - l->text;
	memmove(l->text, line, l->used);
	return n > 0;
}

/* Yields the signal that interrupted us, or 0. */
static int listen_until_closed(struct listener *l, int out, int signals, pid_t pid)
{
	int caught = 0, killed = 0;

	for (;;) {
		struct pollfd p[] = {{.fd = out, .events = POLLIN},
		                     {.fd = signals, .events = POLLIN}};
		int n = poll(p, 2, caught ? PATIENCE_MS : -1);

		if (n < 0 && errno != EINTR)
			return caught;
		if (n == 0) {
			if (killed)
				return caught;
			kill(-pid, SIGKILL);
			killed = 1;
		}
		if (n > 0 && p[1].revents) {
			struct signalfd_siginfo info;

			if (read(signals, &info, sizeof(info)) == sizeof(info) && !caught) {
				caught = (int)info.ssi_signo;
				kill(-pid, SIGTERM);
			}
		}
		if (n > 0 && p[0].revents && !hear_output(l, out))
			return caught;
	}
}

int run_script(struct build *b, char *const argv[], progress_fn progress, void *arg, struct err **e)
{
	struct listener l = {.progress = progress, .arg = arg};
	cleanup_close int signals = -1, in = -1;
	int ends[2], caught, status = 0;
	sigset_t stop;
	pid_t pid;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	signals = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, errno, "start %s", argv[0]);
	in = ends[0];
	pid = start_script(b, argv, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return err_set(e, errno, "start %s", argv[0]);
	setpgid(pid, pid);
	caught = listen_until_closed(&l, in, signals, pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (caught) {
		err_set(e, 0, "interrupted (%s)", strsignal(caught));
		raise(caught); /* blocked: pending until build_end has cleaned up */
	} else if (status && l.no_space) {
		err_set(e, ENOSPC, "%s, or /tmp", b->family);
	} else if (status && l.last && strcmp(l.first, l.last) != 0) {
		err_set(e, 0, "%s (%s)", l.last, l.first);
	} else if (status && l.last) {
		err_set(e, 0, "%s", l.last);
	} else if (WIFSIGNALED(status)) {
		err_set(e, 0, "%s: %s", argv[0], strsignal(WTERMSIG(status)));
	} else if (status) {
		err_set(e, 0, "%s: exit status %d", argv[0], WEXITSTATUS(status));
	}
	free(l.first);
	free(l.last);
	return caught || status ? -1 : 0;
}
