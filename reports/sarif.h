/* What the two halves of the SARIF reporter share. */
#ifndef PAMLAB_SARIF_H
#define PAMLAB_SARIF_H

#include <jansson.h>

/* A message, {"text": ...}: braces doubled, as SARIF 3.11.5 has it, and no links (3.11.6). The text
 * has to be printable() but for newlines. New reference. */
json_t *sarif_message(const char *text);

/* The rules: an array of reportingDescriptor. One for each scenario that the run line or a case
 * names; *index maps a scenario's name to its place. New references. */
json_t *sarif_rules(const json_t *run, const json_t *cases, json_t **index);

#endif
