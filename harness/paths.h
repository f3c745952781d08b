/* Where things are. All functions return a string that the caller frees. */
#ifndef PAMLAB_PATHS_H
#define PAMLAB_PATHS_H

#include <stddef.h>

#include "err.h"

/* A path below the project's data (scenarios/, modules/, images/, build/): the folder above the one
 * that the running program lies in, or $PAMLAB_HOME. */
char *path_home(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A path below the cache, $PAMLAB_CACHE or $XDG_CACHE_HOME/pamlab or ~/.cache/pamlab (XDG Base
 * Directory Specification). Does not create it. */
char *path_cache(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Creates the directory and its parents, mode 0700. */
int make_dirs(const char *path, struct err **e);

/* Removes a directory and everything below it, but nothing of a file system that is mounted in
 * there; what does not exist is no error. */
int remove_tree(const char *path, struct err **e);

/* Reads a whole file; *len gets its size, the content is followed by a NUL. NULL on error. */
char *read_file(const char *path, size_t *len, struct err **e);

/* Writes a file so that it is there whole or not at all (temporary file beside it, fsync, rename).
 */
int write_file(const char *path, const void *data, size_t len, struct err **e);

#endif
