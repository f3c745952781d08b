/* Where is a procfs mounted, and is any of them another PID namespace's? */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/probe.h"

struct mount {
	const char *device, *root, *point, *options, *super_options;
	bool procfs;
	enum { RIGHT, FOREIGN, UNKNOWN } kind;
};

/* mountinfo writes space, tab, newline and backslash as backslash and three octal digits (proc(5)).
 */
static void unescape(char *s)
{
	char *to = s;

	for (const char *from = s; *from; to++) {
		unsigned c;

		if (*from == '\\' && sscanf(from, "\\%3o", &c) == 1) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* "36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue" (proc(5)).
 * The strings stay in line. */
static bool parse_mount(char *line, struct mount *m)
{
	char *end = strstr(line, " - "), *fields[6], *types[3], *save;

	if (!end)
		return false;
	*end = '\0';
	fields[0] = strtok_r(line, " ", &save);
	for (size_t i = 1; i < 6; i++)
		fields[i] = strtok_r(NULL, " ", &save);
	types[0] = strtok_r(end + 3, " ", &save);
	types[1] = strtok_r(NULL, " ", &save);
	types[2] = strtok_r(NULL, " ", &save);
	if (!fields[5] || !types[2])
		return false;
	unescape(fields[3]);
	unescape(fields[4]);
	*m = (struct mount){.device = fields[2],
	                    .root = fields[3],
	                    .point = fields[4],
	                    .options = fields[5],
	                    .super_options = types[2],
	                    .procfs = strcmp(types[0], "proc") == 0,
	                    .kind = UNKNOWN};
	return true;
}

/* Asks a whole procfs. Only the uppermost mount at a place can be asked. */
static void judge_by_self(struct mount *m)
{
	cleanup_free char *path = NULL;
	char link[32];
	ssize_t n;

	if (asprintf(&path, "%s/self", strcmp(m->point, "/") == 0 ? "" : m->point) < 0) {
		path = NULL;
		return;
	}
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0) {
		/* ENOENT: this process is not in that procfs' PID namespace. Otherwise it may not
		 * look, so nothing shows there. */
		m->kind = errno == ENOENT ? FOREIGN : UNKNOWN;
		return;
	}
	link[n] = '\0';
	m->kind = strtol(link, NULL, 10) == getpid() ? RIGHT : FOREIGN;
}

/* A part of a procfs (a bind mount of /proc/sys, of /proc/1) belongs to a whole one of its device.
 */
static void judge_by_device(struct mount *m, const struct mount *all, size_t n)
{
	bool whole = false;

	for (size_t i = 0; i < n; i++) {
		if (!all[i].procfs || strcmp(all[i].device, m->device) != 0)
			continue;
		if (all[i].kind == RIGHT)
			m->kind = RIGHT;
		whole |= strcmp(all[i].root, "/") == 0;
	}
	if (m->kind == UNKNOWN && !whole && isdigit((unsigned char)m->root[1]))
		m->kind = access(m->point, R_OK) == 0 ? FOREIGN : UNKNOWN;
}

static void add_options(json_t *list, const char *options)
{
	cleanup_free char *copy = strdup(options);
	char *save, *o;

	for (o = copy ? strtok_r(copy, ",", &save) : NULL; o; o = strtok_r(NULL, ",", &save)) {
		bool known = false;
		json_t *old;
		size_t i;

		json_array_foreach(list, i, old) known |= strcmp(json_string_value(old), o) == 0;
		if (!known)
			json_array_append_new(list, json_line_string(o));
	}
}

static int observe_mounts(const struct session *s, const struct mount *all, size_t n)
{
	json_t *options = json_array(), *foreign = json_array();
	const struct mount *top = NULL;
	json_int_t at_proc = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].point, "/proc") == 0) {
			at_proc++;
			top = &all[i];
		}
		if (all[i].procfs && all[i].kind == FOREIGN)
			json_array_append_new(foreign, json_line_string(all[i].point));
	}
	if (top) {
		add_options(options, top->options);
		add_options(options, top->super_options);
	}
	if (observe(s, "mounts.at_proc", json_integer(at_proc)) < 0 ||
	    observe(s, "mounts.options", options) < 0) {
		json_decref(foreign);
		return -1;
	}
	return observe(s, "mounts.foreign", foreign);
}

int step_proc_mounts(struct session *s, long number)
{
	cleanup_free char *text = procfs_file_at(AT_FDCWD, "/proc/self/mountinfo", NULL);
	cleanup_free struct mount *all = NULL;
	size_t lines = 1, n = 0;
	char *save;

	(void)number;
	if (!text) {
		/* No right /proc: nobody can tell what else is mounted. */
		if (observe(s, "mounts.at_proc", json_integer(0)) < 0 ||
		    observe(s, "mounts.options", json_null()) < 0)
			return -1;
		return observe(s, "mounts.foreign", json_null());
	}
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	all = calloc(lines, sizeof(*all));
	if (!all)
		return fault(s, "proc-mounts: out of memory");
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		if (!parse_mount(l, &all[n]))
			return fault(s, "proc-mounts: mountinfo: cannot read '%s'", l);
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].procfs && strcmp(all[i].root, "/") == 0)
			judge_by_self(&all[i]);
	for (size_t i = 0; i < n; i++)
		if (all[i].procfs && strcmp(all[i].root, "/") != 0)
			judge_by_device(&all[i], all, n);
	return observe_mounts(s, all, n);
}
