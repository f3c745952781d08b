/* What the probes share: observations, faults, victims, waiting, who they are. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "common/json_line.h"
#include "probe/probe.h"

const char *errno_name(int errnum)
{
	const char *name = strerrorname_np(errnum);
	static char number[16];

	if (name)
		return name;
	snprintf(number, sizeof(number), "E%d", errnum);
	return number;
}

const char *answer_name(long rc)
{
	return rc < 0 ? errno_name(errno) : "ok";
}

json_t *call_answer(const char *call, long rc)
{
	return json_sprintf("%s: %s", call, answer_name(rc));
}

int observe(const struct session *s, const char *name, json_t *value)
{
	if (json_line_observe(s->out, name, value) == 0)
		return 0;
	fprintf(stderr, "session: record %s: %s\n", name, strerror(errno));
	return -1;
}

int fault(const struct session *s, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	observe(s, "fault", json_line_string(text ? text : "out of memory"));
	return -1;
}

int read_victims(const struct session *s, struct victim **out, size_t *n)
{
	cleanup_file FILE *f = fopen(CASE_VICTIMS, "re");
	cleanup_free struct victim *list = NULL;
	cleanup_free char *line = NULL;
	size_t size = 0, used = 0;

	if (!f)
		return fault(s, "read %s: %s", CASE_VICTIMS, strerror(errno));
	while (getline(&line, &size, f) > 0) {
		struct victim *bigger = reallocarray(list, used + 1, sizeof(*list));

		if (!bigger)
			return fault(s, "read %s: %s", CASE_VICTIMS, strerror(errno));
		list = bigger;
		if (sscanf(line, "%31s %d %u %63s", list[used].name, &list[used].pid,
		           &list[used].uid, list[used].secret) != 4 ||
		    list[used].pid <= 0)
			return fault(s, "%s: line %zu is not NAME PID UID SECRET", CASE_VICTIMS,
			             used + 1);
		used++;
	}
	*out = take_ptr(list);
	*n = used;
	return 0;
}

void sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

bool proc_self_right(void)
{
	char link[32];
	ssize_t n = readlink("/proc/self", link, sizeof(link) - 1);

	if (n < 0)
		return false;
	link[n] = '\0';
	return strtol(link, NULL, 10) == getpid();
}

const char *own_path(void)
{
	return (const char *)getauxval(AT_EXECFN);
}
