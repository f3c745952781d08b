/* Set-ups that mount something on the host (probes/stage.def). */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "common/case_files.h"
#include "prepare.h"
#include "report.h"

/* Where systemd mounts binfmt_misc; umount("/proc") is EBUSY from then on. */
void setup_submount(void)
{
	if (mount("submount", "/proc/sys/fs/binfmt_misc", "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mount below /proc: %s", strerror(errno));
}

/* A disk that somebody will want to take out. */
void setup_medium(void)
{
	if ((mkdir(MEDIUM, 0755) < 0 && errno != EEXIST) ||
	    mount("medium", MEDIUM, "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mount %s: %s", MEDIUM, strerror(errno));
}
