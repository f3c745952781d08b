/* Sets the stage of a job: what differs from the plain one that the template has. */
#ifndef PAMLAB_AGENT_PREPARE_H
#define PAMLAB_AGENT_PREPARE_H

#include <jansson.h>
#include <stdbool.h>

/* Does what the job's "root", "files" and "with" say. True if the host was changed by it: what was
 * seen before is then to be seen anew. */
bool prepare(json_t *job);

/* Writes the job's "files". */
void write_files(json_t *files);

/* Writes a file whole, or reports a fault. */
bool write_whole(const char *path, const char *data, size_t len, mode_t mode);

#define SETUP(name, function, varies, about) void function(void);
#define COMPANION(name, before, after, varies, about)
#include "probes/stage.def"
#undef SETUP
#undef COMPANION

#endif
