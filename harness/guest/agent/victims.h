/* The victims: processes outside every session that hold what a session must not find. */
#ifndef PAMLAB_AGENT_VICTIMS_H
#define PAMLAB_AGENT_VICTIMS_H

/* Starts them, in the template, and waits until each has all that it holds. Writes VICTIMS and
 * VICTIM_FACTS. */
void victims_start(void);

#endif
