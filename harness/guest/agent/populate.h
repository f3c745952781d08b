/* Fills the host that a login comes to: processes, mounts, sessions that others have open. */
#ifndef PAMLAB_AGENT_POPULATE_H
#define PAMLAB_AGENT_POPULATE_H

#include <jansson.h>

/* {"processes": N, "mounts": N, "sessions": N}, each 0 if it is left out; NULL: nothing. Sessions
 * are opened by su, one after the other, and stay open. Observes bench.populated: what came of it,
 * and what of the guest's memory it took. All is gone with the guest. */
void populate(json_t *wanted);

#endif
