/* Is what the set-up "medium" mounted still in the session's mount table? */
#include <fcntl.h>
#include <string.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "common/procfs.h"
#include "probe/probe.h"

int step_medium(struct session *s, long number)
{
	cleanup_free char *mounts = procfs_file_at(AT_FDCWD, "/proc/self/mountinfo", NULL);

	(void)number;
	if (!mounts)
		return fault(s, "medium: no /proc/self/mountinfo");
	return observe(s, "medium.mounted", json_boolean(strstr(mounts, " " MEDIUM " ") != NULL));
}
