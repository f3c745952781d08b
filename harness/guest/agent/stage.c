/* The stage job: PAM stack, candidate, sshd, victims, driver. What it leaves is
 * frozen into a derived template. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "login.h"
#include "ports.h"
#include "prepare.h"
#include "report.h"
#include "run.h"
#include "victims.h"

#define MODULE_DIR "/lib/x86_64-linux-gnu/security"

/* Says which symbols the image cannot provide: ldd -r asks the guest's own dynamic linker. What
 * libpam's callers provide is libpam itself, so it is loaded first. */
static void check_module(const char *path)
{
	char command[1024], line[512];
	json_t *missing = json_array();
	FILE *out;

	snprintf(command, sizeof(command), "LD_PRELOAD=libpam.so.0 ldd -r '%s' 2>&1 </dev/null",
	         path);
	out = popen(command, "re");
	while (out && fgets(line, sizeof(line), out)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "undefined symbol") || strstr(line, "not found"))
			json_array_append_new(missing, json_string(line + strspn(line, " \t")));
	}
	if (out)
		pclose(out);
	observe("stage.", "unresolved", missing);
}

bool install_module(json_t *module, char *path, size_t room)
{
	const char *file = json_string_value(json_object_get(module, "file"));
	size_t size = json_integer_value(json_object_get(module, "size")), got;
	char *data;

	if (!file)
		return false;
	snprintf(path, room, MODULE_DIR "/%s", file);
	if (size) {
		data = fwcfg_read("opt/pamlab/module", &got);
		if (!data || got != size)
			report_fault("the module did not arrive whole");
		else
			write_whole(path, data, size, 0644);
		free(data);
	} else if (access(path, R_OK) < 0) {
		observe("stage.", "missing", json_string(path));
		return false;
	}
	write_whole(MODULE_NAME, path, strlen(path), 0644);
	return true;
}

/* Debian lets no user count anything (3), which would hide whether a pid from outside is known: as
 * mainline has it, users may count their own (2). A kernel without the file counts nothing. */
static void allow_own_counters(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "we");

	if (!f)
		return;
	fputs("2", f);
	if (fclose(f) != 0)
		report_fault("set perf_event_paranoid: %s", strerror(errno));
}

static void start_sshd(void)
{
	const char *command = "/usr/sbin/sshd -o HostKey=/etc/ssh/ssh_host_rsa_key "
	                      "-o 'Subsystem=pamlab /usr/lib/pamlab/session' "
	                      "-o 'Subsystem=sftp /usr/lib/openssh/sftp-server' "
	                      "-o AllowTcpForwarding=yes";

	if (access("/usr/sbin/sshd", X_OK) == 0 && run_quietly(command) != 0)
		report_fault("sshd does not start: see the guest's console");
}

int run_stage(json_t *job)
{
	char module[512];

	write_files(json_object_get(job, "files"));
	if (install_module(json_object_get(job, "module"), module, sizeof(module)))
		check_module(module);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		report_fault("set the propagation of /: %s", strerror(errno));
	allow_own_counters();
	start_sshd();
	victims_start();
	driver_start();
	pause_ns(500000000);
	return 0;
}
