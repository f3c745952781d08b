/* What the lab adds to an image: a second archive behind the image's. The kernel unpacks archives
 * one after the other; what comes later replaces what came before. */
#ifndef PAMLAB_INITRAMFS_H
#define PAMLAB_INITRAMFS_H

#include <stddef.h>
#include <sys/types.h>

#include "err.h"

struct overlay;

/* Everything belongs to root and has the same time stamp: the same calls give the same bytes. Paths
 * are absolute or relative to the root, no "..". The kernel creates no parents: a directory must be
 * in the image or be added first. Adding one that is in the image sets its mode. */
struct overlay *overlay_new(void);
int overlay_add_file(struct overlay *o, const char *path, mode_t mode, const void *data, size_t len,
                     struct err **e);
int overlay_add_from(struct overlay *o, const char *path, mode_t mode, const char *host_path,
                     struct err **e);
int overlay_add_dir(struct overlay *o, const char *path, mode_t mode, struct err **e);
int overlay_add_symlink(struct overlay *o, const char *path, const char *target, struct err **e);

/* The archive's bytes, which the overlay owns. Nothing can be added afterwards. NULL on error. */
const void *overlay_bytes(struct overlay *o, size_t *len, struct err **e);

/* Writes image and overlay (NULL: none) as one file, whole or not at all. */
int initramfs_write(const char *image_cpio, struct overlay *o, const char *out_path,
                    struct err **e);

void overlay_free(struct overlay **o);
#define cleanup_overlay __attribute__((cleanup(overlay_free)))

#endif
