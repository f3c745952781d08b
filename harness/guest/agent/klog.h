/* The kernel's log, as far as it tells of bugs. */
#ifndef PAMLAB_AGENT_KLOG_H
#define PAMLAB_AGENT_KLOG_H

#include <jansson.h>

/* From here on. */
void klog_begin(void);

/* The lines since then that tell of a bug of the kernel's, at most 20. A new reference. */
json_t *klog_complaints(void);

#endif
