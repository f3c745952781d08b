/* What is looked at after the login, beside what truth.c compares. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

#include "actions.h"
#include "canaries.h"
#include "common/case_files.h"
#include "report.h"
#include "services.h"
#include "session.h"
#include "truth.h"

/* The companions "closing" make these when the session is closed. */
static void observe_closing(void)
{
	static const char *const sides[] = {"before", "after"};
	json_t *ran = json_array();
	char path[64];

	for (size_t i = 0; i < sizeof(sides) / sizeof(*sides); i++) {
		snprintf(path, sizeof(path), CASE_CLOSED "-%s", sides[i]);
		if (access(path, F_OK) == 0)
			json_array_append_new(ran, json_string(sides[i]));
	}
	observe("host.after.", "closed_beside", ran);
}

/* What the step leave-objects made. */
static void observe_objects(void)
{
	json_t *left = json_array();
	FILE *shm = fopen("/proc/sysvipc/shm", "re");
	char line[256];
	int key;

	while (shm && fgets(line, sizeof(line), shm))
		if (sscanf(line, "%d", &key) == 1 && key == CASE_SHM_KEY)
			json_array_append_new(left, json_string("SysV shared memory"));
	if (shm)
		fclose(shm);
	if (access(CASE_SHM_FILE, F_OK) == 0)
		json_array_append_new(left, json_string(CASE_SHM_FILE));
	if (access(CASE_TMP_FILE, F_OK) == 0)
		json_array_append_new(left, json_string(CASE_TMP_FILE));
	observe("host.after.", "objects", left);
}

/* Records of sessions that are still open, by the name of their terminal. */
static void observe_utmp(void)
{
	json_t *open = json_array();
	struct utmpx *u;

	setutxent();
	while ((u = getutxent()))
		/* The victims have records of their own, which stay. */
		if (u->ut_type == USER_PROCESS &&
		    strncmp(u->ut_line, "victim-", strlen("victim-")) != 0)
			json_array_append_new(
			    open,
			    json_stringn(u->ut_line, strnlen(u->ut_line, sizeof(u->ut_line))));
	endutxent();
	observe("host.after.", "utmp_open", open);
}

static const struct {
	const char *name;
	void (*look)(void);
} looks[] = {
    {"closed_beside", observe_closing},
    {"objects", observe_objects},
    {"utmp_open", observe_utmp},
    {"canaries_changed", canaries_observe},
    {"service_runs", service_observe_after},
    {"cores", cores_observe},
};

void session_observe_aftermath(void)
{
	observe_kept_proc();
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
		if (truth_wanted("host.after.", looks[i].name))
			looks[i].look();
}
