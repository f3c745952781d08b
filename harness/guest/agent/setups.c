/* What the agent does to the guest before a login: the set-ups of probes/stage.def that are more
 * than a line, and what it does outside while the session holds. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions.h"
#include "jobs.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

#define PROC_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define ALICE      1000

void setup_proc_elsewhere(void)
{
	mkdir("/srv/proc", 0755);
	if (mount("proc", "/srv/proc", "proc", PROC_FLAGS, NULL) < 0)
		report_fault("mount /srv/proc: %s", strerror(errno));
}

void act_mount_proc(void)
{
	if (mount("proc", "/srv", "proc", PROC_FLAGS, NULL) < 0)
		report_fault("mount /srv: %s", strerror(errno));
}

/* A mount's own option since 5.8; another instance than the agent's, which must see everything. */
void setup_hidepid(void)
{
	if (mount(NULL, "/proc", NULL, MS_REMOUNT | PROC_FLAGS, "hidepid=invisible") < 0)
		report_fault("remount /proc: %s", strerror(errno));
}

/* As the user could do by a user namespace of his own; the agent needs none. */
void setup_decoy(void)
{
	char *argv[] = {"/bin/sh", "-c", "sleep 1000; :", "decoy", "--password=s3cret-of-decoy",
	                NULL};
	FILE *list = fopen(VICTIMS, "ae");
	pid_t pid = fork(), inner;
	int fds[2];

	if (pid == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || pipe(fds) < 0)
			_exit(1);
		inner = fork();
		if (inner == 0) {
			if (mount("proc", "/proc", "proc", PROC_FLAGS, NULL) < 0 ||
			    setgid(ALICE) < 0 || setuid(ALICE) < 0)
				_exit(1);
			execv(argv[0], argv);
			_exit(1);
		}
		if (list)
			fprintf(list, "decoy %d %d s3cret-of-decoy\n", inner, ALICE);
		_exit(!list || fclose(list) != 0);
	}
	if (list)
		fclose(list);
	if (pid < 0 || wait_for(pid) != 0)
		report_fault("start the decoy");
	pause_ns(100000000);
}
