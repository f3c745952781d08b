/* A process with something to hide: the secret lies in its arguments (--password=SECRET) and in its
 * environment (TOKEN=SECRET), where whoever starts it has put it. It blocks all signals, so that
 * the agent finds those that it got in /proc/PID/status. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe/probe.h"

int run_victim(int argc, char **argv)
{
	char comm[16];
	sigset_t all;

	if (argc < 2) {
		fprintf(stderr, "usage: TOKEN=SECRET probe victim NAME --password=SECRET\n");
		return EXIT_FAULT;
	}
	snprintf(comm, sizeof(comm), "victim-%s", argv[1]);
	prctl(PR_SET_NAME, comm);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
}
