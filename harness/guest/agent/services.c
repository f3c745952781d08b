#include "services.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions.h"
#include "boot.h"
#include "common/case_files.h"
#include "jobs.h"
#include "prepare.h"
#include "report.h"
#include "run.h"
#include "truth.h"

#define SECOND_NS 1000000000LL
#define WRAPPER   "probe" /* the lab's own, which starts the entry and waits for it */

/* --- a service -----------------------------------------------------------------------------------
 */

static const struct proc_info *find_service(const struct proc_info *procs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(procs[i].comm, SERVICE_COMM))
			return &procs[i];
	return NULL;
}

void service_observe_during(const struct proc_info *procs, size_t n)
{
	const struct proc_info *service = find_service(procs, n);
	int pid = 0;
	FILE *f;

	if (!truth_wanted("host.during.", "service_pid_right"))
		return;
	f = fopen(CASE_SERVICE, "re");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	observe("host.during.", "service_pid_right", json_boolean(service && service->pid == pid));
}

void service_observe_after(void)
{
	struct proc_info *procs = NULL;
	size_t n = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	observe("host.after.", "service_runs", json_boolean(find_service(procs, n)));
	free(procs);
}

/* --- crashes -------------------------------------------------------------------------------------
 */

static void set_sysctl(const char *path, const char *value)
{
	int fd = openat(truth_proc_fd, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		report_fault("set %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

void setup_core_handler(void)
{
	unlink(CORES);
	/* The kernel waits until the program is done with the process, which is what it is there
	 * for. */
	set_sysctl("sys/kernel/core_pipe_limit", "1");
	set_sysctl("sys/kernel/core_pattern", "|" LIB_DIR "/probe core %P %u %e");
}

void cores_observe(void)
{
	json_t *cores = json_array();
	FILE *f = fopen(CORES, "re");
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		json_array_append_new(cores, json_string(line));
	}
	if (f)
		fclose(f);
	observe("host.after.", "cores", cores);
}

/* --- a shutdown ----------------------------------------------------------------------------------
 */

/* What a shutdown would wait for: all that is new, but not who started it for the lab. */
static size_t count_new(int sig, json_t *names)
{
	struct proc_info *procs = NULL;
	size_t n = 0, found = 0;

	procfs_scan_at(truth_proc_fd, &procs, &n);
	for (size_t i = 0; i < n; i++) {
		if (!truth_is_new(&procs[i]) || !strcmp(procs[i].comm, WRAPPER) ||
		    procs[i].state == 'Z')
			continue;
		found++;
		if (sig)
			kill(procs[i].pid, sig);
		if (names)
			json_array_append_new(names, json_sprintf("%d %s %c uid=%u", procs[i].pid,
			                                          procs[i].comm, procs[i].state,
			                                          procs[i].uid));
	}
	free(procs);
	return found;
}

void act_shutdown(void)
{
	json_t *survivors = json_array();
	int64_t since = guest_now();
	size_t left;

	observe("host.shutdown.", "sent", json_integer((json_int_t)count_new(SIGTERM, NULL)));
	while ((left = count_new(0, NULL)) != 0 && guest_now() - since < 5 * SECOND_NS)
		pause_before_look(since);
	observe("host.shutdown.", "gone_ns",
	        left ? json_null() : json_integer(guest_now() - since));
	if (left)
		count_new(0, survivors);
	observe("host.shutdown.", "survivors", survivors);
}
