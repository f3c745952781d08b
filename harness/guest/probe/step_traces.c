/* What daemons, editors and logins leave for everybody to read. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utmpx.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

static const char *const places[] = {"/tmp", "/dev/shm", "/var/tmp"};

static void search(const char *place, const struct victim *v, json_t *names, json_t *content)
{
	cleanup_dir DIR *d = opendir(place);
	struct dirent *e;
	char end[16];

	snprintf(end, sizeof(end), ".%d", v->pid);
	while (d && (e = readdir(d))) {
		cleanup_free char *text = NULL;
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, end) != 0)
			continue;
		add_text(names, "%s %s", place, v->name);
		text = procfs_file_at(dirfd(d), e->d_name, NULL);
		if (text && strstr(text, v->secret))
			add_once(content, v->name);
	}
}

static bool has_pidfile(const struct victim *v)
{
	cleanup_dir DIR *d = opendir("/run");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		cleanup_free char *text = NULL;
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".pid") != 0)
			continue;
		text = procfs_file_at(dirfd(d), e->d_name, NULL);
		if (text && atoi(text) == v->pid)
			return true;
	}
	return false;
}

static bool is_recorded(const struct victim *v)
{
	struct utmpx *u;
	bool found = false;

	setutxent();
	while ((u = getutxent()))
		found |= u->ut_pid == v->pid;
	endutxent();
	return found;
}

static json_t *list_setuid(void)
{
	static const char *const programs[] = {
	    "/usr/bin/su",   "/usr/bin/sudo",  "/usr/bin/newgrp", "/usr/bin/passwd",
	    "/usr/bin/chsh", "/usr/bin/mount", "/usr/bin/pkexec", "/usr/bin/fusermount3"};
	json_t *list = json_array();
	struct statvfs fs;
	struct stat st;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (stat(programs[i], &st) == 0 && st.st_uid == 0 && st.st_mode & S_ISUID &&
		    statvfs(programs[i], &fs) == 0 && !(fs.f_flag & ST_NOSUID))
			add_text(list, "%s", programs[i]);
	return list;
}

int step_traces(struct session *s, long number)
{
	json_t *names = json_array(), *content = json_array();
	json_t *pidfiles = json_array(), *records = json_array();
	cleanup_free struct victim *victims = NULL;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++)
			search(places[k], &victims[i], names, content);
		if (has_pidfile(&victims[i]))
			add_text(pidfiles, "%s", victims[i].name);
		if (is_recorded(&victims[i]))
			add_text(records, "%s", victims[i].name);
	}
	return observe(s, "traces.names", names) | observe(s, "traces.content", content) |
	       observe(s, "traces.pidfiles", pidfiles) | observe(s, "traces.records", records) |
	       observe(s, "traces.setuid", list_setuid()) |
	       observe(s, "traces.no_new_privs",
	               json_boolean(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1));
}

int step_pidfile(struct session *s, long number)
{
	cleanup_file FILE *f = fopen("/tmp/pamlab-session.pid", "we");

	(void)number;
	if (!f || fprintf(f, "%d\n", getpid()) < 0)
		return fault(s, "pidfile: %s", strerror(errno));
	return 0;
}
