/* Comparisons of two logs that a test has written (synthetic.h), and what they found. */
#ifndef PAMLAB_COMPARING_H
#define PAMLAB_COMPARING_H

#include <jansson.h>

#include "compare.h"
#include "synthetic.h"

/* What compare() goes by: between set-up and tear-down, a limit of +0.5% on every cost. */
extern struct compare_rules rules;
void comparing_set_up(void);
void comparing_tear_down(void);

/* Ends both logs, and compares them. A new reference. */
json_t *compare(struct synthetic *base, struct synthetic *now);

/* A text of the i-th finding, or "" if there is none; how many there are; how many of them fail. */
const char *finding(const json_t *c, size_t i, const char *key);
size_t findings(const json_t *c);
json_int_t regressions(const json_t *c);

#endif
