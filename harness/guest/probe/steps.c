/* The steps that a session knows. */
#include "probe/probe.h"

const struct step steps[] = {
#define STEP(name, function, argument, least, most, flags, about)                                  \
	{name, argument, least, most, about, function},
#define ACTION(name, function, about)
#define OBSERVATION(name, type, needs, about)
#include "probes/all.def"
};
const size_t n_steps = sizeof(steps) / sizeof(steps[0]);
