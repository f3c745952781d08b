#include "probe/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "probe/probe.h"

enum { FIRST_HANDLE = 20 };

static const struct {
	const char *name, *user;
} bystanders[] = {{"bystander-same", "alice"}, {"bystander-root", NULL}};

static unsigned read_wishes(void)
{
	cleanup_file FILE *plan = fopen(CASE_PLAN, "re");
	unsigned flags = 0;
	char line[128];

	while (plan && fgets(line, sizeof(line), plan)) {
		line[strcspn(line, " \n")] = '\0';
		for (size_t i = 0; i < n_steps; i++)
			if (strcmp(line, steps[i].name) == 0)
				flags |= steps[i].flags & (STEP_BYSTANDERS | STEP_HANDLES);
	}
	return flags;
}

/* Nobody needs to accept: a client is connected when it is in the queue. */
static int listen_at(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));

	snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "%s", name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0)
		return -1;
	return listen(fd, 8);
}

static _Noreturn void stand_by(size_t i, int out)
{
	const struct session s = {.out = out};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (bystanders[i].user && become_user(bystanders[i].user) < 0)
		_exit(EXIT_FAULT);
	/* Both are undone by a change of uid (prctl(2)). */
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (bystanders[i].user && listen_at(BYSTANDER_SOCKET) < 0)
		fault(&s, "bystander: listen: %s", strerror(errno));
	prctl(PR_SET_NAME, bystanders[i].name); /* last: it says that all is done */
	for (;;)
		pause();
}

void beside_start(struct beside *b, int out)
{
	const struct session s = {.out = out};

	*b = (struct beside){.wanted = read_wishes()};
	if (!(b->wanted & STEP_BYSTANDERS))
		return;
	for (size_t i = 0; i < sizeof(bystanders) / sizeof(bystanders[0]); i++) {
		b->bystanders[i] = fork();
		if (b->bystanders[i] == 0)
			stand_by(i, out);
		if (b->bystanders[i] < 0)
			fault(&s, "start a bystander: %s", strerror(errno));
	}
	sleep_ms(10);
}

static void hand_over(const struct session *s, int number, int fd, const char *what)
{
	if (fd < 0 || dup2(fd, number) < 0)
		fault(s, "open %s: %s", what, strerror(errno));
	if (fd >= 0 && fd != number)
		close(fd);
}

void beside_open_handles(const struct beside *b, int out)
{
	static const char *const paths[] = {"/proc", "/", "/proc/self/ns/pid", "/proc/self/ns/mnt"};
	const struct session s = {.out = out};
	cleanup_free struct victim *victims = NULL;
	size_t n = 0;
	char pid[16];

	if (!(b->wanted & STEP_HANDLES) || read_victims(&s, &victims, &n) < 0)
		return;
	for (int i = 0; i < 4; i++)
		hand_over(&s, FIRST_HANDLE + i, open(paths[i], O_RDONLY), paths[i]);
	for (size_t i = 0; i < n; i++) {
		snprintf(pid, sizeof(pid), "%d", victims[i].pid);
		if (strcmp(victims[i].name, "same") == 0)
			setenv("SSH_AGENT_PID", pid, 1);
		if (strcmp(victims[i].name, "root") != 0)
			continue;
		setenv("SYSTEMD_EXEC_PID", pid, 1);
		hand_over(&s, FIRST_HANDLE + 4, (int)syscall(SYS_pidfd_open, victims[i].pid, 0),
		          "a pidfd");
		if (fcntl(FIRST_HANDLE + 4, F_SETFD, 0) < 0)
			fault(&s, "keep the pidfd over exec: %s", strerror(errno));
	}
	if (fcntl(0, F_SETOWN, getppid()) < 0)
		fault(&s, "own standard input: %s", strerror(errno));
}

void beside_end(struct beside *b)
{
	for (size_t i = 0; i < sizeof(b->bystanders) / sizeof(b->bystanders[0]); i++) {
		if (b->bystanders[i] <= 0)
			continue;
		kill(b->bystanders[i], SIGKILL);
		wait_for(b->bystanders[i]);
	}
}
