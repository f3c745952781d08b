/* A directory for a test's files, its cache and its recipes; gone afterwards. */
#ifndef PAMLAB_SCRATCH_H
#define PAMLAB_SCRATCH_H

/* Makes it, and points PAMLAB_CACHE at DIR/cache. Setup of a checked fixture. */
void scratch_setup(void);
void scratch_teardown(void);

/* A path in it, static until the next four calls. */
const char *scratch(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Writes a file in it, making its directories. */
void scratch_write(const char *path, const void *data, unsigned long len, unsigned int mode);

#endif
