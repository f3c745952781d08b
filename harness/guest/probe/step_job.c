/* A job as a shell starts one: in a process group of its own, in the foreground of the terminal;
 * and objects that no PID namespace takes with it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "probe/probe.h"

static const struct {
	int number;
	const char *name;
} told[] = {{SIGINT, "SIGINT"}, {SIGQUIT, "SIGQUIT"}};

static struct {
	pid_t pid;
	int terminal;
	volatile sig_atomic_t *got; /* shared with the job: by number, 1 if the signal came */
} job = {.terminal = -1};

static void note(int number)
{
	job.got[number] = 1;
}

static void handle_told(void (*handler)(int))
{
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		signal(told[i].number, handler);
}

static _Noreturn void be_job(void)
{
	prctl(PR_SET_NAME, "job");
	setpgid(0, 0);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	for (;;)
		pause();
}

/* Only a foreground group may be changed without SIGTTOU (tcsetpgrp(3)). */
static bool to_foreground(pid_t group)
{
	bool done;

	signal(SIGTTOU, SIG_IGN);
	done = job.terminal >= 0 && tcsetpgrp(job.terminal, group) == 0;
	signal(SIGTTOU, SIG_DFL);
	return done;
}

int step_job(struct session *s, long number)
{
	(void)number;
	job.got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.got == MAP_FAILED)
		return fault(s, "job: mmap: %s", strerror(errno));
	job.terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
	handle_told(note); /* before the fork: a key may be typed before the job has run */
	job.pid = fork();
	if (job.pid == 0)
		be_job();
	handle_told(SIG_DFL);
	if (job.pid < 0)
		return fault(s, "job: fork: %s", strerror(errno));
	setpgid(job.pid, job.pid); /* here too: whoever is first */
	return observe(s, "job.terminal", json_boolean(to_foreground(job.pid)));
}

int step_job_end(struct session *s, long number)
{
	json_t *signals = json_array();
	int status = 0;
	bool stopped =
	    waitpid(job.pid, &status, WUNTRACED | WNOHANG) == job.pid && WIFSTOPPED(status);

	(void)number;
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		if (job.got[told[i].number])
			json_array_append_new(signals, json_string(told[i].name));
	to_foreground(getpgrp());
	kill(job.pid, SIGKILL);
	wait_for(job.pid);
	if (observe(s, "job.signals", signals) < 0)
		return -1;
	return observe(s, "job.stopped", json_boolean(stopped));
}

int step_leave_objects(struct session *s, long number)
{
	static const char *const files[] = {CASE_SHM_FILE, CASE_TMP_FILE};

	(void)number;
	if (shmget(CASE_SHM_KEY, 4096, IPC_CREAT | 0600) < 0)
		return fault(s, "leave-objects: shmget: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		cleanup_close int fd =
		    open(files[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd < 0)
			return fault(s, "leave-objects: make %s: %s", files[i], strerror(errno));
	}
	return 0;
}
