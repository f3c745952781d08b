/* A pid from inside a session, taken for one of the host's. */
#include <stdio.h>

#include "actions.h"
#include "boot.h"
#include "common/procfs.h"
#include "report.h"

void act_read_pidfile(void)
{
	FILE *f = fopen("/tmp/pamlab-session.pid", "re");
	struct proc_info info;
	int pid = 0;

	if (f) {
		if (fscanf(f, "%d", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	observe("host.pidfile.", "pid", pid ? json_integer(pid) : json_null());
	if (pid && procfs_read_at(truth_proc_fd, pid, &info) == 0)
		observe("host.pidfile.", "process", json_string(info.comm));
	else
		observe("host.pidfile.", "process", json_null());
}
