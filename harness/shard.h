/* A run in parts: each machine of N runs one shard, and `pamlab merge` joins their logs. */
#ifndef PAMLAB_SHARD_H
#define PAMLAB_SHARD_H

#include "hash.h"
#include "plan.h"

#define SHARDS_MAX 1000

/* "2/5". */
int shard_parse(const char *text, struct shard *s, struct err **e);

/* How long a case will about take, in units that only compare: from what its scenario and entry
 * say, not from any measurement, so that it is the same on each machine. */
unsigned shard_weight(const struct test_case *t);

/* To which shard (0 to count - 1) each of n cases belongs: longest first, each to the shard that
 * has least to do so far; equally long ones in the order of their ids. */
void shard_split(const char *const *ids, const unsigned *weights, size_t n, unsigned count,
                 unsigned *shards);

/* What the plan is of and holds, all shards together: cases, modules, arguments, contracts, image,
 * kernel, accelerator, rules. Two plans with one digest are parts of one run. */
void shard_digest(const struct campaign *c, const struct plan *p, char hex[HASH_HEX]);

/* Drops the cases of other shards from a plan whose jobs are not written yet, and what only they
 * needed. Cases that share a login stay together. */
void shard_keep(struct plan *p, const struct shard *s);

#endif
