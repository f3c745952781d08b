/* What root in a session can undo: user namespace and capabilities are the host's. All in a child
 * with a mount namespace of its own, so that nothing is left. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/credentials.h"
#include "probe/probe.h"

static bool opens(const char *path, int flags)
{
	cleanup_close int fd = open(path, flags | O_CLOEXEC);

	return fd >= 0;
}

static bool own_mounts(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool makes_devices(void)
{
	const char *path = "/tmp/pamlab-device";
	bool made = mknod(path, S_IFCHR | 0600, makedev(1, 1)) == 0;

	unlink(path);
	return made;
}

static bool core_pattern(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

static bool sysrq(void)
{
	return opens("/proc/sysrq-trigger", O_WRONLY);
}

static bool kernel_log(void)
{
	return opens("/dev/kmsg", O_RDONLY);
}

static bool memory(void)
{
	return opens("/dev/mem", O_RDONLY);
}

static bool init_root(void)
{
	return opens("/proc/1/root", O_RDONLY | O_DIRECTORY);
}

static const struct {
	const char *name;
	bool (*can)(void);
} powers[] = {
    {"mount-namespace", own_mounts}, {"devices", makes_devices},
    {"core-pattern", core_pattern},  {"sysrq", sysrq},
    {"kernel-log", kernel_log},      {"memory", memory},
    {"root-of-1", init_root},
};

/* In the child: a bit for each victim that is in /proc once the upper mount is gone. */
static int reveal(const struct victim *victims, size_t n)
{
	char path[64];
	int seen = 0;

	if (!own_mounts() || umount2("/proc", MNT_DETACH) < 0)
		return 0;
	for (size_t i = 0; i < n && i < 7; i++) {
		snprintf(path, sizeof(path), "/proc/%d", victims[i].pid);
		if (access(path, F_OK) == 0)
			seen |= 1 << i;
	}
	return seen;
}

/* In the child: a bit for each power. */
static int try_powers(const struct victim *victims, size_t n)
{
	int can = 0;

	(void)victims;
	(void)n;
	for (size_t i = 0; i < sizeof(powers) / sizeof(*powers); i++)
		if (powers[i].can())
			can |= 1 << i;
	return can;
}

static int apart(int (*run)(const struct victim *victims, size_t n), const struct victim *victims,
                 size_t n)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(run(victims, n));
	status = pid < 0 ? -1 : wait_for(pid);
	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

int step_root_undo(struct session *s, long number)
{
	json_t *can = json_array(), *revealed = json_array(), *forged = json_array();
	cleanup_free struct victim *victims = NULL;
	int bits;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	bits = apart(try_powers, victims, n);
	for (size_t i = 0; i < sizeof(powers) / sizeof(*powers); i++)
		if (bits & 1 << i)
			add_text(can, "%s", powers[i].name);
	bits = apart(reveal, victims, n);
	for (size_t i = 0; i < n; i++) {
		if (bits & 1 << i)
			add_text(revealed, "%s", victims[i].name);
		add_once(forged, send_credentials(victims[i].pid));
	}
	return observe(s, "root_undo.can", can) | observe(s, "root_undo.revealed", revealed) |
	       observe(s, "root_undo.forged", forged);
}
