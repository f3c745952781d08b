/* Files that a module wants to find in the guest, beside its line in the stacks. */
#ifndef PAMLAB_CANDIDATE_FILES_H
#define PAMLAB_CANDIDATE_FILES_H

#include <jansson.h>

#include "err.h"

/* What lies below modules/NAME/stage/, as it would below /, in the order of the names: the `files`
 * of a stage job, mode 0644. Text only. *files is NULL if there is no such folder, else the
 * caller's. */
int candidate_stage_files(const char *name, json_t **files, struct err **e);

#endif
