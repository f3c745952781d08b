/* What a crash of one's own tells: the kernel logs it under the pid that the host knows. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/ask.h"
#include "probe/probe.h"

#define COMM        "pamlab-crash"
#define READ_ALL    3 /* SYSLOG_ACTION_READ_ALL, syslog(2) */
#define SIZE_BUFFER 10

/* "pamlab-crash[123]: segfault at 0 ...", the last of them. */
static bool logged_pid_differs(const char *log, pid_t pid)
{
	const char *found = NULL, *at = log;

	while ((at = strstr(at, COMM "["))) {
		at += strlen(COMM "[");
		found = at;
	}
	return found && atoi(found) != pid;
}

int step_crash(struct session *s, long number)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0), n, status;
	cleanup_free char *log = calloc(1, size > 0 ? (size_t)size + 1 : 1);
	const char *readable = "ok";
	pid_t pid = fork();

	(void)number;
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGSEGV, SIG_DFL);
		prctl(PR_SET_NAME, COMM);
		*(volatile int *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) =
		    0;
		_exit(0);
	}
	if (pid < 0 || !log)
		return fault(s, "crash: %s", strerror(errno));
	status = wait_for(pid);
	n = klogctl(READ_ALL, log, size > 0 ? size : 0);
	if (n < 0 || size < 0)
		readable = errno_name(errno);
	return observe(s, "crash.signal",
	               json_integer(WIFSIGNALED(status) ? WTERMSIG(status) : 0)) |
	       observe(s, "crash.log", json_string(readable)) |
	       observe(s, "crash.log_pid_outer", json_boolean(logged_pid_differs(log, pid)));
}
