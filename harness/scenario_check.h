/* The rules of a scenario file that its schema cannot say. Used by the loader only. */
#ifndef PAMLAB_SCENARIO_CHECK_H
#define PAMLAB_SCENARIO_CHECK_H

#include "scenario.h"
#include "yaml_doc.h"

/* Reads the matchers of all expectations, with their lines. */
int scenario_read_expectations(const struct yaml_doc *doc, struct scenario *s, struct err **e);

/* Checks names, steps and that every observation that is expected can be made. */
int scenario_check(const struct yaml_doc *doc, struct scenario *s, struct err **e);

#endif
