#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ports.h"
#include "report.h"

void become_ordinary(void)
{
	struct sched_param other = {0};
	sigset_t none;
	int fd;

	ports_drop();
	sched_setscheduler(0, SCHED_OTHER, &other);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "0", 1) < 0)
			perror("oom_score_adj");
		close(fd);
	}
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t start_program(char *const argv[], const char *log, uid_t uid)
{
	pid_t pid = fork();
	int in, out;

	if (pid != 0)
		return pid;
	become_ordinary();
	setsid();
	in = open("/dev/null", O_RDWR);
	out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : dup(in);
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	close_range(3, ~0U, 0);
	if (chdir("/") < 0)
		_exit(126);
	if (uid && (setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0))
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_quietly(const char *command)
{
	char *argv[] = {"/bin/sh", "-c", (char *)command, NULL};
	pid_t pid = start_program(argv, "/dev/console", 0);

	return pid < 0 ? -1 : wait_for(pid);
}

void pause_ns(long long ns)
{
	struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

void pause_before_look(int64_t since)
{
	int64_t ns = (guest_now() - since) / 10;

	pause_ns(ns < 10000000 ? 10000000 : ns > 100000000 ? 100000000 : ns);
}
