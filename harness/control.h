/* Results of control runs, kept: a control is the same each time for a template, an entry, a
 * scenario and a schedule, so it is run once. */
#ifndef PAMLAB_CONTROL_H
#define PAMLAB_CONTROL_H

#include <jansson.h>
#include <stdint.h>

#include "err.h"
#include "scenario.h"
#include "template.h"

/* The observations of an earlier run, a new reference, or NULL. */
json_t *control_find(const struct template *t, const char *entry, const struct scenario *s,
                     int shift, const struct stage *stage);

/* Keeps those of them that the scenario looks at. */
int control_keep(const struct template *t, const char *entry, const struct scenario *s, int shift,
                 const struct stage *stage, const json_t *observations, struct err **e);

#endif
