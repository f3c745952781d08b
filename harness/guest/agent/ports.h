/* The agent's two ways to the host: fw_cfg for what comes in, debugcon for what goes out. Both are
 * port I/O, synchronous with the instruction stream, so that nothing arrives at a random moment. */
#ifndef PAMLAB_AGENT_PORTS_H
#define PAMLAB_AGENT_PORTS_H

#include <stddef.h>

/* Asks the kernel for the ports; needs CAP_SYS_RAWIO. Returns < 0 with errno set. */
int ports_open(void);

/* Gives them up, in a child that is about to run somebody else's program: ioperm(2) rights survive
 * execve. */
void ports_drop(void);

/* Reads the fw_cfg file of that name whole (QEMU: docs/specs/fw_cfg.rst), with a NUL behind it. The
 * caller frees it. NULL if there is none. */
char *fwcfg_read(const char *name, size_t *size);

/* Stops a machine that makes copies of itself (vm_copy.h), for good: only copies return. A copy
 * that comes here stops, too. */
void copy_point(void);

/* Writes bytes to the host. */
void debugcon_write(const char *data, size_t len);

#endif
