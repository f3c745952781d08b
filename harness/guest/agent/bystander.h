/* The processes that `probe entry` puts beside the program that logs in (probe/beside.h). */
#ifndef PAMLAB_AGENT_BYSTANDER_H
#define PAMLAB_AGENT_BYSTANDER_H

#include <stdbool.h>

/* Observes those of host.bystander.* that `wanted` says yes to. */
void bystander_observe(bool (*wanted)(const char *prefix, const char *name));

#endif
