/* Set-ups that mount something on the host (probes/stage.def). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/case_files.h"
#include "prepare.h"
#include "report.h"

/* Where systemd mounts binfmt_misc; umount("/proc") is EBUSY from then on. */
void setup_submount(void)
{
	if (mount("submount", "/proc/sys/fs/binfmt_misc", "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mount below /proc: %s", strerror(errno));
}

/* As administrators and containers hide single files of /proc, by binding something over them. */
void setup_proc_masked(void)
{
	if (mount("/dev/null", "/proc/kcore", NULL, MS_BIND, NULL) < 0 ||
	    mount("mask", "/proc/fs", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mask files of /proc: %s", strerror(errno));
}

#define PROC_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define PROC_MOVED "/run/pamlab-proc"
#define MANY_DIR   "/run/pamlab-many"

enum { MANY = 1000 };

void setup_proc_missing(void)
{
	if (umount2("/proc", MNT_DETACH) < 0)
		report_fault("unmount /proc: %s", strerror(errno));
}

void setup_proc_link(void)
{
	if (umount2("/proc", MNT_DETACH) < 0 || rmdir("/proc") < 0 || mkdir(PROC_MOVED, 0555) < 0 ||
	    mount("proc", PROC_MOVED, "proc", PROC_FLAGS, NULL) < 0 ||
	    symlink(PROC_MOVED, "/proc") < 0)
		report_fault("make /proc a link: %s", strerror(errno));
}

/* MS_BIND: this mount only. */
void setup_proc_read_only(void)
{
	if (mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | PROC_FLAGS, NULL) < 0)
		report_fault("make /proc read-only: %s", strerror(errno));
}

void setup_proc_subset(void)
{
	if (umount2("/proc", MNT_DETACH) < 0 ||
	    mount("proc", "/proc", "proc", PROC_FLAGS, "subset=pid") < 0)
		report_fault("mount /proc with subset=pid: %s", strerror(errno));
}

/* As on a host of many containers. */
void setup_many_mounts(void)
{
	char path[64];

	mkdir(MANY_DIR, 0755);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), MANY_DIR "/%d", i);
		if (mkdir(path, 0755) < 0 || mount(MANY_DIR, path, NULL, MS_BIND, NULL) < 0)
			return report_fault("mount %s: %s", path, strerror(errno));
	}
}

/* A disk that somebody will want to take out. */
void setup_medium(void)
{
	if ((mkdir(MEDIUM, 0755) < 0 && errno != EEXIST) ||
	    mount("medium", MEDIUM, "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mount %s: %s", MEDIUM, strerror(errno));
}
