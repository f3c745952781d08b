/* What is taken away for the time of a login: probes/faults.def. */
#ifndef PAMLAB_AGENT_FAULTS_H
#define PAMLAB_AGENT_FAULTS_H

/* Takes it away before the login of that number, from 0; NULL: nothing. A name that is not known is
 * the lab's fault. */
void fault_apply(const char *name, int login);

/* Gives everything back. To be called before the agent looks: its own looks need what was taken. */
void fault_lift(const char *name);

#endif
