#include "step.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

enum { MOST_STEPS = 32, NAME_MAX_LEN = 32 };

const struct step session_steps[] = {
    {"list", NULL, 0, 0, false, "list /proc; look for the victims' secrets in it"},
    {"sweep", NULL, 0, 0, false, "try every pid by kill, pidfd_open and getpgid"},
    {"proc-self", NULL, 0, 0, false, "is /proc this namespace's own, seen from several processes"},
    {"proc-mounts", NULL, 0, 0, false, "what is mounted at /proc, with which options"},
    {"tools", NULL, 0, 0, false, "run the everyday tools that read /proc"},
    {"daemons", "N", 1, 500, false, "leave N daemons that resist every signal"},
    {"orphans", "N", 1, 5000, false, "leave N orphans to be reaped"},
    {"readdir", NULL, 0, 0, false, "read the names in /proc once; pamlab bench times it"},
    {"hold", NULL, 0, 0, false, "wait until the agent outside has looked and acted"},
    {"sleep", "MS", 1, 60000, false, "sleep so many milliseconds"},
    {"exit", "N", 0, 255, true, "end with this exit status"},
    {"signal", "N", 1, 64, true, "end by this signal, sent to itself"},
    {NULL, NULL, 0, 0, false, NULL},
};

const struct step during_steps[] = {
    {"kill-init", NULL, 0, 0, false, "kill the first process of the session's PID namespace"},
    {NULL, NULL, 0, 0, false, NULL},
};

static const struct step *find(const struct step *table, const char *name, size_t len)
{
	for (const struct step *s = table; s->name; s++)
		if (strlen(s->name) == len && !strncmp(s->name, name, len))
			return s;
	return NULL;
}

static int explain_unknown(const struct step *table, const char *text, size_t len, struct err **e)
{
	const char *names[MOST_STEPS + 1];
	char word[NAME_MAX_LEN] = "";
	const char *near;
	size_t n = 0;

	for (const struct step *s = table; s->name && n < MOST_STEPS; s++)
		names[n++] = s->name;
	names[n] = NULL;
	strncat(word, text, len < sizeof(word) ? len : sizeof(word) - 1);
	near = suggest(word, names);
	if (near)
		return err_usage(e, "unknown step '%s'; did you mean '%s'?", word, near);
	return err_usage(e, "unknown step '%s'; pamlab-scenario(5) names them", word);
}

const struct step *step_parse(const struct step *table, const char *text, struct err **e)
{
	size_t len = strcspn(text, " ");
	const struct step *s = find(table, text, len);
	unsigned long number;
	char *end;

	if (!s) {
		explain_unknown(table, text, len, e);
		return NULL;
	}
	if (!s->argument) {
		if (!text[len])
			return s;
		err_usage(e, "the step '%s' takes no number", s->name);
		return NULL;
	}
	errno = 0;
	number = strtoul(text + len, &end, 10);
	if (end == text + len || *end || errno || number < s->least || number > s->most ||
	    strchr(text + len, '-')) {
		err_usage(e, "'%s': write `%s %s`, with a number from %u to %u", text, s->name,
		          s->argument, s->least, s->most);
		return NULL;
	}
	return s;
}
