/* What the agent does while the session holds: the functions of probes/all.def's actions. */
#ifndef PAMLAB_AGENT_ACTIONS_H
#define PAMLAB_AGENT_ACTIONS_H

#define STEP(name, function, argument, least, most, flags, about)
#define ACTION(name, function, about) void function(void);
#define OBSERVATION(name, type, needs, about)
#include "probes/all.def"
#undef STEP
#undef ACTION
#undef OBSERVATION

#endif
