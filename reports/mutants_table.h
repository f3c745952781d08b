#ifndef PAMLAB_MUTANTS_TABLE_H
#define PAMLAB_MUTANTS_TABLE_H

#include <stdio.h>

#include "mutants.h"

/* Prints the matrix of the case lines, its legend, and what is wrong with it. */
void print_mutants(FILE *out, const struct mutants *m, const json_t *cases,
                   const struct mutants_result *r);

#endif
