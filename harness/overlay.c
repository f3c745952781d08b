#include "overlay.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "paths.h"
#include "stack_marks.h"
#include "text.h"

#define LIB "/usr/lib/pamlab"

static int is_driver(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && (!strcmp(dot, ".exp") || !strcmp(dot, ".tcl"));
}

static int add_drivers(struct overlay *o, struct err **e)
{
	cleanup_free char *dir = path_home("scenarios/entries");
	struct dirent **list;
	int n = scandir(dir, &list, is_driver, alphasort), status = 0;

	if (n <= 0)
		return err_set(e, 0, "no entry drivers in %s: is PAMLAB_HOME right?", dir);
	for (int i = 0; i < n; i++) {
		cleanup_free char *from = NULL, *to = NULL;

		from = text_format("%s/%s", dir, list[i]->d_name);
		to = text_format(LIB "/entries/%s", list[i]->d_name);
		if (status == 0)
			status = overlay_add_from(o, to, 0644, from, e);
		free(list[i]);
	}
	free(list);
	return status;
}

struct overlay *guest_overlay(struct err **e)
{
	cleanup_overlay struct overlay *o = overlay_new();
	cleanup_free char *agent = path_home("build/guest/agent");
	cleanup_free char *caller = path_home("build/guest/caller");
	cleanup_free char *probe = path_home("build/guest/probe");
	cleanup_free char *marker = path_home("build/guest/pam_mark.so");

	/* session is a file of its own: a process is named after what was executed, and a link's
	 * target would not tell a session from a victim. */
	if (overlay_add_dir(o, LIB, 0755, e) < 0 ||
	    overlay_add_dir(o, LIB "/entries", 0755, e) < 0 ||
	    overlay_add_from(o, LIB "/agent", 0755, agent, e) < 0 ||
	    overlay_add_from(o, LIB "/probe", 0755, probe, e) < 0 ||
	    overlay_add_from(o, LIB "/caller", 0755, caller, e) < 0 ||
	    overlay_add_from(o, LIB "/session", 0755, probe, e) < 0 ||
	    overlay_add_from(o, LIB "/session-exec", 0755, probe, e) < 0 ||
	    overlay_add_from(o, MARKER_PATH, 0644, marker, e) < 0 || add_drivers(o, e) < 0)
		return NULL;
	return take_ptr(o);
}
