/* What one process finds in /proc, for logins that are made beside the session or in it. */
#ifndef PAMLAB_PROBE_LOOK_H
#define PAMLAB_PROBE_LOOK_H

#include <jansson.h>

/* {"tag", "pidns", "right": /proc/self is this process, "tags": of other processes that look,
 * "victims": how many, "sessions": how many}. A process that looks has its tag as its last
 * argument, behind "look" or "nest". A new reference. */
json_t *look_around(const char *tag);

#endif
