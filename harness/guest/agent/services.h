/* What becomes of a service that was started in a session, and of crashes there
 * (probes/services.def). */
#ifndef PAMLAB_AGENT_SERVICES_H
#define PAMLAB_AGENT_SERVICES_H

#include <stddef.h>

#include "common/procfs.h"

/* Observes host.during.service_pid_right, host.after.service_runs and host.after.cores. */
void service_observe_during(const struct proc_info *procs, size_t n);
void service_observe_after(void);
void cores_observe(void);

#endif
