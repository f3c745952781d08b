/* What is done to the host while a session is open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions.h"
#include "common/case_files.h"
#include "jobs.h"
#include "report.h"
#include "run.h"

/* A new file in place of the old one, as dpkg does it: who has the old one mapped keeps it. */
void act_replace_module(void)
{
	char path[512] = "", command[1200];
	FILE *f = fopen(MODULE_NAME, "re");

	if (f && !fgets(path, sizeof(path), f))
		path[0] = '\0';
	if (f)
		fclose(f);
	path[strcspn(path, "\n")] = '\0';
	observe("host.replaced.", "file", *path ? json_string(path) : json_null());
	if (!*path)
		return;
	snprintf(command, sizeof(command), "cp -p '%s' '%s.new' && mv -f '%s.new' '%s'", path, path,
	         path, path);
	if (run_quietly(command) != 0)
		report_fault("replace %s: see the guest's console", path);
}

void act_unmount_medium(void)
{
	observe("host.medium.", "unmounted", json_boolean(umount2(MEDIUM, UMOUNT_NOFOLLOW) == 0));
}
