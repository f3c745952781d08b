/* Sessions in sessions: root logs in to root from the session, and so on. Each depth runs `probe
 * nest TAG`, which looks around, starts the next depth, looks for it, and waits for its end; what
 * they see comes through one pipe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "probe/look.h"
#include "probe/probe.h"

#define DEPTHS   3
#define AWAKE_MS 400 /* that the innermost stays, and that the others give the next one */

static pid_t start_depth(int depth, int out)
{
	char command[128];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(out, STDOUT_FILENO);
	snprintf(command, sizeof(command), "exec /usr/lib/pamlab/probe nest depth-%d", depth);
	execlp("su", "su", "root", "-c", command, (char *)NULL);
	_exit(127);
}

int run_nest(int argc, char **argv)
{
	int depth = argc > 1 && !strncmp(argv[1], "depth-", 6) ? atoi(argv[1] + 6) : 0;
	cleanup_json json_t *seen = NULL;
	char next[32];
	pid_t pid = 0;
	int status = 0;

	if (depth < 1)
		return EXIT_FAULT;
	seen = look_around(argv[1]);
	snprintf(next, sizeof(next), "depth-%d", depth + 1);
	if (depth < DEPTHS) {
		cleanup_json json_t *again = NULL;
		bool found = false;

		pid = start_depth(depth + 1, STDOUT_FILENO);
		for (int ms = 0; pid > 0 && !found && ms < AWAKE_MS; ms += 20) {
			json_t *tag;
			size_t i;

			sleep_ms(20);
			json_decref(again);
			again = look_around(argv[1]);
			json_array_foreach(json_object_get(again, "tags"), i, tag) found |=
			    !strcmp(json_string_value(tag), next);
		}
		json_object_set_new(seen, "found_next", json_boolean(found));
	}
	if (json_line_write(STDOUT_FILENO, seen) < 0)
		return EXIT_FAULT;
	if (pid > 0)
		status = wait_for(pid);
	else
		sleep_ms(AWAKE_MS);
	return status;
}

static bool has_pidns(json_t *known, json_t *pidns)
{
	json_t *k;
	size_t i;

	json_array_foreach(known, i, k) if (json_equal(k, pidns)) return true;
	return false;
}

int step_nest(struct session *s, long number)
{
	cleanup_json json_t *own = look_around("depth-0"), *known = json_array();
	json_t *sharing = json_array(), *out = json_array(), *blind = json_array();
	cleanup_file FILE *in = NULL;
	cleanup_free char *line = NULL;
	int ends[2], status, depths = 0;
	size_t room = 0;
	pid_t pid;

	(void)number;
	if (pipe(ends) < 0)
		return fault(s, "nest: pipe: %s", strerror(errno));
	pid = start_depth(1, ends[1]);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	json_array_append(known, json_object_get(own, "pidns"));
	while (in && getline(&line, &room, in) > 0) {
		cleanup_json json_t *seen = json_loads(line, 0, NULL);
		json_t *tag = json_object_get(seen, "tag"), *next;

		if (!json_is_string(tag))
			continue;
		depths++;
		if (has_pidns(known, json_object_get(seen, "pidns")))
			json_array_append(sharing, tag);
		json_array_append(known, json_object_get(seen, "pidns"));
		/* What looks is there before what it starts: whatever it finds is around it. */
		if (json_array_size(json_object_get(seen, "tags")) ||
		    json_integer_value(json_object_get(seen, "sessions")))
			json_array_append(out, tag);
		next = json_object_get(seen, "found_next");
		if (next && !json_is_true(next))
			json_array_append(blind, tag);
	}
	status = pid > 0 ? wait_for(pid) : -1;
	if (observe(s, "nest.depths", json_integer(depths)) < 0 ||
	    observe(s, "nest.sharing", sharing) < 0 || observe(s, "nest.seeing_out", out) < 0 ||
	    observe(s, "nest.blind_in", blind) < 0)
		return -1;
	return observe(s, "nest.status", json_integer(status));
}
