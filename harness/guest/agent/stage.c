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

#define MODULE_DIR "/lib/x86_64-linux-gnu/security"

struct victim {
	const char *name, *secret;
	uid_t uid;
};

static const struct victim victims[] = {
    {"same", "s3cret-of-same", 1000},
    {"other", "s3cret-of-other", 1001},
    {"root", "s3cret-of-root", 0},
};

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

static void install_module(json_t *module)
{
	const char *file = json_string_value(json_object_get(module, "file"));
	size_t size = json_integer_value(json_object_get(module, "size")), got;
	char path[512];
	char *data;

	if (!file)
		return;
	snprintf(path, sizeof(path), MODULE_DIR "/%s", file);
	if (size) {
		data = fwcfg_read("opt/pamlab/module", &got);
		if (!data || got != size)
			report_fault("the module did not arrive whole");
		else
			write_whole(path, data, size, 0644);
		free(data);
	} else if (access(path, R_OK) < 0) {
		observe("stage.", "missing", json_string(path));
		return;
	}
	write_whole(MODULE_NAME, path, strlen(path), 0644);
	check_module(path);
}

static void raise_pid_max(void)
{
	FILE *f = fopen("/proc/sys/kernel/pid_max", "r+e");
	long max = 0;

	if (f && fscanf(f, "%ld", &max) == 1 && max < 32768) {
		rewind(f);
		fputs("32768", f);
	}
	if (f)
		fclose(f);
}

static void start_victims(void)
{
	FILE *list = fopen(VICTIMS, "we");
	int last_pid = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	/* A small kernel ends at 4096 (CONFIG_BASE_FULL=n; linux/threads.h). */
	raise_pid_max();
	/* Above 5000, so that no pid of a session is ever a victim's. */
	if (last_pid < 0 || write(last_pid, "5000", 4) != 4)
		report_fault("set ns_last_pid: %s", strerror(errno));
	if (last_pid >= 0)
		close(last_pid);
	for (size_t i = 0; list && i < sizeof(victims) / sizeof(*victims); i++) {
		const struct victim *v = &victims[i];
		char argument[128], token[128];
		char *argv[] = {LIB_DIR "/probe", "victim", (char *)v->name, argument, NULL};
		pid_t pid;

		snprintf(argument, sizeof(argument), "--password=%s", v->secret);
		snprintf(token, sizeof(token), "%s", v->secret);
		setenv("TOKEN", token, 1);
		pid = start_program(argv, NULL, v->uid);
		fprintf(list, "%s %d %d %s\n", v->name, pid, v->uid, v->secret);
	}
	unsetenv("TOKEN");
	if (list)
		fclose(list);
}

static void start_sshd(void)
{
	const char *command = "/usr/sbin/sshd -o HostKey=/etc/ssh/ssh_host_rsa_key "
	                      "-o 'Subsystem=pamlab /usr/lib/pamlab/session'";

	if (access("/usr/sbin/sshd", X_OK) == 0 && run_quietly(command) != 0)
		report_fault("sshd does not start: see the guest's console");
}

int run_stage(json_t *job)
{
	write_files(json_object_get(job, "files"));
	install_module(json_object_get(job, "module"));
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		report_fault("set the propagation of /: %s", strerror(errno));
	start_sshd();
	start_victims();
	driver_start();
	pause_ns(500000000);
	return 0;
}
