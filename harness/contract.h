/* Contracts: what a session module promises. A module is judged on what it promises, and on nothing
 * else; a scenario that judges another promise is skipped with that reason. */
#ifndef PAMLAB_CONTRACT_H
#define PAMLAB_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "promise.h"

/* A failure that is known and explained: the bundled broken modules have one for each defect. */
struct known_failure {
	char *pattern; /* fnmatch(3) over ENTRY/SCENARIO */
	char *reason;
	bool sometimes; /* it fails under some schedules only: a pass is no surprise */
	unsigned line;
};

struct contract {
	unsigned version;
	char *module;
	char **promises; /* as written */
	unsigned promises_count;
	promise_set gives; /* the same as a set */
	char
	    *strict_args; /* the arguments with which it keeps masked properties, too; NULL: none */
	struct known_failure *known;
	unsigned known_count;
	char *path; /* NULL: the default contract */
};

/* Loads a contract file. What does not fit is EXIT_USAGE with "FILE:LINE: what was expected". */
int contract_load(const char *path, struct contract **out, struct err **e);

/* The same from memory; `name` is what errors call it. */
int contract_parse(const char *name, const char *text, size_t len, struct contract **out,
                   struct err **e);

/* The contract of a module that brings none: it promises everything. */
struct contract *contract_default(const char *module);

void contract_free(struct contract **c);
#define cleanup_contract __attribute__((cleanup(contract_free)))

/* The known failure that covers this case, or NULL. Borrowed from the contract. */
const struct known_failure *contract_known(const struct contract *c, const char *entry,
                                           const char *scenario);

#endif
