#include "harm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot.h"
#include "common/procfs.h"
#include "jobs.h"
#include "report.h"

enum { IO_WHO_PROCESS = 1, IO_NONE = 0, BLOCKABLE = 31 };

static unsigned long long mask_of(const char *status, const char *field)
{
	const char *at = strstr(status, field);

	return at ? strtoull(at + strlen(field), NULL, 16) : 0;
}

static void add_signals(json_t *list, const char *name, const char *status)
{
	unsigned long long got = mask_of(status, "\nSigPnd:") | mask_of(status, "\nShdPnd:");

	for (int s = 1; s <= BLOCKABLE; s++)
		if (s != SIGCHLD && got >> (s - 1) & 1) /* they have children of their own */
			json_array_append_new(list,
			                      json_sprintf("%s: SIG%s", name, sigabbrev_np(s)));
}

void harm_add(json_t *list, const char *name, pid_t pid)
{
	struct proc_info info;
	char path[32];
	char *status;
	int nice, ioprio;

	snprintf(path, sizeof(path), "%d/status", pid);
	status = procfs_file_at(truth_proc_fd, path, NULL);
	if (!status || procfs_read_at(truth_proc_fd, pid, &info) < 0 || info.state == 'Z') {
		json_array_append_new(list, json_sprintf("%s: gone", name));
		free(status);
		return;
	}
	if (info.state == 'T' || info.state == 't')
		json_array_append_new(list, json_sprintf("%s: stopped", name));
	nice = getpriority(PRIO_PROCESS, (id_t)pid);
	if (nice != 0)
		json_array_append_new(list, json_sprintf("%s: nice %d", name, nice));
	ioprio = (int)syscall(SYS_ioprio_get, IO_WHO_PROCESS, pid);
	if (ioprio != IO_NONE)
		json_array_append_new(list, json_sprintf("%s: ioprio 0x%x", name, ioprio));
	add_signals(list, name, status);
	free(status);
}

json_t *harm_of_victims(void)
{
	json_t *list = json_array();
	FILE *f = fopen(VICTIMS, "re");
	char line[256], name[32];
	int pid;

	if (!f)
		report_fault("read %s", VICTIMS);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s %d", name, &pid) == 2)
			harm_add(list, name, pid);
	if (f)
		fclose(f);
	return list;
}
