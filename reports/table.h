/* What the two halves of the table reporter share. */
#ifndef PAMLAB_TABLE_H
#define PAMLAB_TABLE_H

#include "mark.h"
#include "reporter.h"

/* Writes text in the mark's colour, if the stream shows colours. */
void paint(FILE *out, const struct style *style, const struct mark *mark, const char *text);

/* Prints the matrix and its legend; the case lines are sorted by module, group and scenario. */
void print_matrix(FILE *out, const struct style *style, const json_t *cases);

#endif
