/* probe look TAG MS: says on standard output what it finds in /proc, and stays for a while, to be
 * found by others. */
#include "probe/look.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/probe.h"

/* The n-th argument in a cmdline file, or NULL. */
static const char *argument(const char *text, size_t len, int n)
{
	const char *end = text + len;

	for (; n > 0 && text < end; n--)
		text += strlen(text) + 1;
	return text < end ? text : NULL;
}

static void look_at(int proc, pid_t pid, json_t *tags, int *victims, int *sessions)
{
	cleanup_free char *text = NULL;
	const char *program, *verb;
	char path[32];
	size_t len = 0;

	snprintf(path, sizeof(path), "%d/cmdline", pid);
	text = procfs_file_at(proc, path, &len);
	program = text ? argument(text, len, 0) : NULL;
	verb = program ? argument(text, len, 1) : NULL;
	if (!program)
		return;
	*sessions += strstr(program, "/session") != NULL;
	if (!verb || !strstr(program, "probe"))
		return;
	*victims += !strcmp(verb, "victim");
	if ((!strcmp(verb, "look") || !strcmp(verb, "nest")) && argument(text, len, 2))
		json_array_append_new(tags, json_line_string(argument(text, len, 2)));
}

json_t *look_around(const char *tag)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free pid_t *pids = NULL;
	json_t *tags = json_array();
	int victims = 0, sessions = 0;
	size_t n = 0;

	if (proc >= 0 && procfs_numbers_at(proc, ".", &pids, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (pids[i] != getpid())
			look_at(proc, pids[i], tags, &victims, &sessions);
	return json_pack("{s:s, s:I, s:b, s:o, s:i, s:i}", "tag", tag, "pidns",
	                 (json_int_t)procfs_ns_at(proc, "self", "pid"), "right", proc_self_right(),
	                 "tags", tags, "victims", victims, "sessions", sessions);
}

int run_look(int argc, char **argv)
{
	cleanup_json json_t *seen = NULL;

	if (argc < 3)
		return EXIT_FAULT;
	sleep_ms(atol(argv[2]) / 2); /* until the others are there */
	seen = look_around(argv[1]);
	if (json_line_write(STDOUT_FILENO, seen) < 0)
		return EXIT_FAULT;
	sleep_ms(atol(argv[2]) / 2);
	return 0;
}
