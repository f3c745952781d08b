/* What is needed to compare with a baseline, as options say it: of `pamlab compare` and of
 * `pamlab run --baseline`. */
#ifndef PAMLAB_GATE_H
#define PAMLAB_GATE_H

#include <jansson.h>
#include <stdio.h>

#include "compare.h"
#include "err.h"

struct gate {
	const char *baseline; /* path; NULL: nothing to compare with */
	const char *format;   /* NULL: text */
	struct compare_rules rules;
	struct known_list *known; /* what rules.known points to */
	bool costs_given;
};

/* The rules that hold if no option says otherwise. */
void gate_init(struct gate *g);
void gate_clear(struct gate *g);

/* One option each. */
int gate_max_cost(struct gate *g, const char *text, struct err **e);
int gate_wall_alpha(struct gate *g, const char *text, struct err **e);
int gate_known(struct gate *g, const char *path, struct err **e);
int gate_format(struct gate *g, const char *name, struct err **e);

/* Can the baseline, if there is one, be read, and be compared with a run of this identity (see
 * results.h; borrowed)? To be asked before the run, which may take long. */
int gate_check(const struct gate *g, json_t *identity, struct err **e);

/* Reads the results at `base` and `now`, compares, prints. Returns the exit status, < 0 with an
 * error. */
int gate_compare(const struct gate *g, const char *base, const char *now, FILE *out,
                 struct err **e);

#endif
