/* What does /proc show of the processes outside? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/probe.h"

/* Marks the victims whose secret is in PID/FILE; one that may not be read has none to show. */
static void look_into(int proc, pid_t pid, const char *file, const struct victim *victims, size_t n,
                      bool *seen)
{
	cleanup_free char *text = NULL;
	char path[32];
	size_t len;

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	text = procfs_file_at(proc, path, &len);
	if (!text)
		return;
	for (size_t i = 0; i < n; i++)
		if (memmem(text, len, victims[i].secret, strlen(victims[i].secret)))
			seen[i] = true;
}

static json_t *seen_names(const struct victim *victims, size_t n, const bool *seen)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (seen[i])
			json_array_append_new(list, json_string(victims[i].name));
	return list;
}

int step_list(struct session *s, long number)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free bool *argv_seen = NULL, *environ_seen = NULL, *dir_seen = NULL;
	cleanup_free struct victim *victims = NULL;
	cleanup_free pid_t *pids = NULL;
	cleanup_json json_t *list = json_array();
	size_t n = 0, n_pids = 0;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	argv_seen = calloc(n + 1, sizeof(bool));
	environ_seen = calloc(n + 1, sizeof(bool));
	dir_seen = calloc(n + 1, sizeof(bool));
	if (!argv_seen || !environ_seen || !dir_seen)
		return fault(s, "list: out of memory");
	if (proc < 0 || procfs_numbers_at(proc, ".", &pids, &n_pids) < 0)
		return fault(s, "list: read /proc: %s", strerror(errno));
	for (size_t i = 0; i < n_pids; i++) {
		json_array_append_new(list, json_integer(pids[i]));
		look_into(proc, pids[i], "cmdline", victims, n, argv_seen);
		look_into(proc, pids[i], "environ", victims, n, environ_seen);
	}
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		char name[16];

		snprintf(name, sizeof(name), "%d", victims[i].pid);
		dir_seen[i] = fstatat(proc, name, &st, 0) == 0;
	}
	if (observe(s, "list.pids", take_ptr(list)) < 0 ||
	    observe(s, "list.count", json_integer((json_int_t)n_pids)) < 0 ||
	    observe(s, "list.argv_secrets", seen_names(victims, n, argv_seen)) < 0 ||
	    observe(s, "list.environ_secrets", seen_names(victims, n, environ_seen)) < 0)
		return -1;
	return observe(s, "list.dirs", seen_names(victims, n, dir_seen));
}
