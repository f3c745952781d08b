/* Set-ups that mount something on the host (probes/stage.def). */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "prepare.h"
#include "report.h"

/* Where systemd mounts binfmt_misc; umount("/proc") is EBUSY from then on. */
void setup_submount(void)
{
	if (mount("submount", "/proc/sys/fs/binfmt_misc", "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		report_fault("mount below /proc: %s", strerror(errno));
}
