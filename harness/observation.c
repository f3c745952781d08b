#include "observation.h"

#include <stddef.h>
#include <string.h>

#include "suggest.h"

const struct observation observations[] = {
#define STEP(name, function, argument, least, most, flags, about)
#define ACTION(name, function, about)
#define OBSERVATION(name, type, needs, about) {name, type, needs, about},
#include "probes/all.def"
#undef STEP
#undef ACTION
#undef OBSERVATION
    {NULL, OBS_BOOL, NULL, NULL},
};

const struct observation *observation_find(const char *name)
{
	for (const struct observation *o = observations; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

const char *observation_suggest(const char *name)
{
	static const char *names[sizeof(observations) / sizeof(*observations)];

	for (size_t i = 0; i < sizeof(observations) / sizeof(*observations); i++)
		names[i] = observations[i].name;
	return suggest(name, names);
}

const char *observation_type_name(enum observation_type type)
{
	static const char *const names[] = {
	    [OBS_BOOL] = "true or false",
	    [OBS_NUMBER] = "a number",
	    [OBS_STRING] = "a string",
	    [OBS_LIST] = "a list",
	};

	return names[type];
}
