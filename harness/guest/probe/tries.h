/* Small looks at files that several probes share. */
#ifndef PAMLAB_PROBE_TRIES_H
#define PAMLAB_PROBE_TRIES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How a file is tried, and whether it has to be there for that. */
struct trial {
	const char *path;
	enum { TRY_READ, TRY_CHANGE, TRY_WRITE, TRY_LINK, TRY_STAT } how;
};

/* Tries a file below the directory, without changing anything. Returns 0 or an errno. */
int try_file(const char *dir, const struct trial *t);

/* All of a table, as "PATH: ok" or "PATH: ERRNO". A new reference. */
json_t *try_files(const char *dir, const struct trial *list, size_t n);

/* The paths alone of those that can be opened. A new reference. */
json_t *opened_files(const char *dir, const struct trial *list, size_t n);

/* What follows "KEY:" in a file like /proc/self/status, without the white space around it; NULL if
 * there is no such line. The caller frees it. */
char *value_of(const char *path, const char *key);

/* The first line of a file, without its end, or NULL. The caller frees it. */
char *first_line(const char *path);

/* A number that is all of a file's first line, or null. */
json_t *number_in(const char *path);

/* Is there /proc/PID? */
bool pid_listed(pid_t pid);

#endif
