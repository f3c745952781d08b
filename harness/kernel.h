/* Kernels that guests boot. The host's own is never touched: nothing is installed. */
#ifndef PAMLAB_KERNEL_H
#define PAMLAB_KERNEL_H

#include <stdbool.h>

#include "builder.h"
#include "err.h"

struct kernel {
	char *name;    /* as in case ids: "linux-6.1.192", "linux-6.1.192-minimal", a file's name */
	char *vmlinuz; /* path of the bzImage */
	char *hash;    /* SHA-256 of it, 64 hex digits */
};

/* Finds a kernel. which is
 *   NULL, "6.1", "6.12"  Debian's cloud kernel of that series: the newest in the cache; if there is
 *                        none, the newest that apt knows is downloaded (27 to 35 MB)
 *   "minimal"            built from Debian's source with images/kernels/minimal.config (minutes)
 *   "linux-6.1.192"      the name of one in the cache, as in case ids
 *   a path               a bzImage of the user's
 * What is not in the cache is an error unless fetch is true. Fills *out, which the caller frees
 * with kernel_free. */
int kernel_get(const char *which, bool fetch, progress_fn progress, void *arg, struct kernel *out,
               struct err **e);

void kernel_free(struct kernel *kernel);
#define cleanup_kernel __attribute__((cleanup(kernel_free)))

#endif
