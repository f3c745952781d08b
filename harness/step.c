#include "step.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

enum { MOST_STEPS = 256, NAME_MAX_LEN = 32 };

const struct step session_steps[] = {
#define STEP(name, function, argument, least, most, flags, about)                                  \
	{name, argument, least, most, flags, about},
#define ACTION(name, function, about)
#define OBSERVATION(name, type, needs, about)
#include "probes/all.def"
#undef STEP
#undef ACTION
    {NULL, NULL, 0, 0, 0, NULL},
};

const struct step during_steps[] = {
#define STEP(name, function, argument, least, most, flags, about)
#define ACTION(name, function, about) {name, NULL, 0, 0, 0, about},
#include "probes/all.def"
#undef STEP
#undef ACTION
#undef OBSERVATION
    {NULL, NULL, 0, 0, 0, NULL},
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
	return err_usage(e, "unknown step '%s'; `pamlab list steps` names them", word);
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
