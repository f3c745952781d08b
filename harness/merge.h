/* Joins the event logs of the shards of one run. */
#ifndef PAMLAB_MERGE_H
#define PAMLAB_MERGE_H

#include <stddef.h>

#include "err.h"

/* Writes DIR/events.jsonl from the logs of n shards (folders or files, in any order): one run line,
 * the events and cases of all, one end line with the counts of all. Refused (EXIT_USAGE), with what
 * is wrong: a shard that is there twice or is missing, one of another plan, a log that is damaged
 * or was not finished, cases that are missing or there twice. */
int merge_logs(const char *dir, char *const *logs, size_t n, struct err **e);

#endif
