/* What a session starts for the host, and what the host starts because of a session. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "probe/probe.h"

/* As daemon(3), with a name and a pid file. */
static _Noreturn void be_service(int done)
{
	cleanup_close int fd = open(CASE_SERVICE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", getpid());

	prctl(PR_SET_NAME, SERVICE_COMM);
	signal(SIGHUP, SIG_IGN);
	if (fd < 0 || write(fd, text, (size_t)n) != n || write(done, "x", 1) != 1)
		_exit(1);
	close_range(0, ~0U, 0);
	for (;;)
		pause();
}

int step_service(struct session *s, long number)
{
	int done[2];
	char byte;
	pid_t pid;
	ssize_t n;

	(void)number;
	if (pipe2(done, O_CLOEXEC) < 0)
		return fault(s, "service: pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			be_service(done[1]);
		_exit(0);
	}
	close(done[1]);
	if (pid > 0)
		wait_for(pid);
	n = read(done[0], &byte, 1);
	close(done[0]);
	return n == 1 ? 0 : fault(s, "service: it does not start");
}

int step_dump_core(struct session *s, long number)
{
	pid_t pid = fork();
	int status;

	(void)number;
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		prctl(PR_SET_NAME, "pamlab-core");
		*(volatile int *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) =
		    0;
		_exit(0);
	}
	if (pid < 0)
		return fault(s, "dump-core: fork: %s", strerror(errno));
	status = wait_for(pid);
	return observe(s, "core.signal", json_integer(WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

/* Started by the kernel, as root, in the initial namespaces (core(5)). */
int run_core(int argc, char **argv)
{
	cleanup_file FILE *f = fopen(CORES, "ae");

	if (argc != 4 || !f)
		return EXIT_FAULT;
	fprintf(f, "%s uid=%s %s\n", argv[3], argv[2],
	        kill(atoi(argv[1]), 0) == 0 ? "found" : "lost");
	return 0;
}

/* Started by pam_exec, in a session. */
int run_last_pid(int argc, char **argv)
{
	cleanup_close int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (argc != 2 || fd < 0 || write(fd, argv[1], strlen(argv[1])) < 0) {
		fprintf(stderr, "last-pid: %s\n", strerror(errno));
		return EXIT_FAULT;
	}
	return 0;
}
