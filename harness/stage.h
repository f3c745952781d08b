/* The stage of a case: how the guest and its PAM stacks differ from the plain ones. It is set when
 * the case begins, so all stages of a candidate share a template. */
#ifndef PAMLAB_STAGE_H
#define PAMLAB_STAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "candidate.h"
#include "err.h"

struct stage {
	char *root;       /* as written; NULL: private */
	bool root_shared; /* the propagation of `/` in the guest */
	char *position;   /* of the candidate in the stack (stack_positions); NULL: last */
	char **with;      /* names of probes/stage.def */
	unsigned with_count;
};

/* What can be in `with`, ended by an entry without a name. */
struct stage_setup {
	const char *name;
	const char *before, *after; /* companions in the stack; NULL: the agent's doing */
	bool varies;                /* scenarios that vary are tried with it */
	const char *about;
};
extern const struct stage_setup stage_setups[];
/* The names alone, NULL at the end. */
const char *const *stage_setup_names(void);

bool stage_is_plain(const struct stage *s);

/* "shared,first,submount", or "" for the plain stage: in ids and options. The caller frees it. */
char *stage_text(const struct stage *s);

/* Reads such a text; EXIT_USAGE says what is unknown. The caller frees it with stage_clear. */
int stage_parse(const char *text, struct stage *s, struct err **e);
void stage_clear(struct stage *s);

/* Adds to a job what it takes to set the stage: "root", "with", and the PAM files if they differ.
 */
int stage_add(const struct stage *s, const struct candidate *c, json_t *job, struct err **e);

#endif
