/* Archives in the "newc" format that the kernel unpacks as initial root file system
 * (Documentation/driver-api/early-userspace/buffer-format.rst). */
#ifndef PAMLAB_CPIO_H
#define PAMLAB_CPIO_H

#include <time.h>

#include "err.h"

/* Turns a tar archive (or any that libarchive reads, compressed or not) into a newc archive, in the
 * same order, without device nodes, no time stamp later than `latest`. Hard links stay hard links.
 */
int cpio_from_archive(const char *archive, const char *cpio, time_t latest, struct err **e);

#endif
