#include "bystander.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "boot.h"
#include "common/procfs.h"
#include "harm.h"
#include "report.h"
#include "truth.h"

#define COMM   "bystander-"
#define PREFIX "host.bystander."

/* What waits to be read at its terminal: whole lines, as the terminal's mode is. */
static json_t *count_typed(pid_t pid)
{
	char path[32];
	int fd, n = 0;

	snprintf(path, sizeof(path), "%d/fd/0", pid);
	fd = openat(truth_proc_fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, FIONREAD, &n) < 0)
		report_fault("look at the terminal of %d: %s", pid, strerror(errno));
	if (fd >= 0)
		close(fd);
	return json_integer(n);
}

static json_t *in_foreground(pid_t pid)
{
	char path[32], *text, *at;
	int group = 0, foreground = -1;

	snprintf(path, sizeof(path), "%d/stat", pid);
	text = procfs_file_at(truth_proc_fd, path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (!at || sscanf(at + 1, " %*c %*d %d %*d %*d %d", &group, &foreground) != 2)
		report_fault("look at the group of %d", pid);
	free(text);
	return json_boolean(group == foreground);
}

void bystander_observe(void)
{
	struct proc_info *procs = NULL;
	json_t *changed = json_array();
	pid_t same = 0;
	size_t n = 0;

	if (!truth_wanted(PREFIX, "changed") && !truth_wanted(PREFIX, "typed") &&
	    !truth_wanted(PREFIX, "foreground")) {
		json_decref(changed);
		return;
	}
	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++) {
		const char *name = procs[i].comm + strlen(COMM);

		if (strncmp(procs[i].comm, COMM, strlen(COMM)) != 0)
			continue;
		harm_add(changed, name, procs[i].pid);
		if (!strcmp(name, "same"))
			same = procs[i].pid;
	}
	free(procs);
	if (!same)
		report_fault("no bystander is there");
	if (truth_wanted(PREFIX, "typed"))
		observe(PREFIX, "typed", same ? count_typed(same) : json_null());
	if (truth_wanted(PREFIX, "foreground"))
		observe(PREFIX, "foreground", same ? in_foreground(same) : json_null());
	observe(PREFIX, "changed", changed);
}
