/* The processes that `probe entry` puts beside the program that logs in (probe/beside.h). */
#ifndef PAMLAB_AGENT_BYSTANDER_H
#define PAMLAB_AGENT_BYSTANDER_H

/* Observes those of host.bystander.* that are wanted (truth_wanted). */
void bystander_observe(void);

#endif
