/* Processes outside whose pids are those of a session, as the session numbers it: a signal that is
 * sent outside to a number from inside hits one of them. */
#ifndef PAMLAB_AGENT_CANARIES_H
#define PAMLAB_AGENT_CANARIES_H

/* Observes host.after.canaries_changed. */
void canaries_observe(void);

#endif
