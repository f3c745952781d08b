/* JSON lines: one object, no newline in it, one newline at its end. */
#ifndef PAMLAB_GUEST_JSON_LINE_H
#define PAMLAB_GUEST_JSON_LINE_H

#include <jansson.h>

/* The object as one line, newline and NUL at its end; keys in the order of insertion. The caller
 * frees it. NULL with errno ENOMEM or EINVAL (not serializable, or j is NULL). */
char *json_line_text(const json_t *j);

/* Writes the object as one line by a single write(), so that lines of several writers to a file
 * opened with O_APPEND stay whole (open(2)). A signal that comes first makes it try again; a line
 * that was written in part is EIO. Borrows j. Returns 0, or -1 with errno. */
int json_line_write(int fd, const json_t *j);

/* Writes {"name": NAME, "value": VALUE} as one line. Takes the reference to value, also on error;
 * value == NULL (jansson's sign of failure) is EINVAL. Returns 0, or -1 with errno. */
int json_line_observe(int fd, const char *name, json_t *value);

/* A JSON string of what some program or file said: if it is not UTF-8, which JSON wants, every byte
 * above 127 becomes '?', so that it is seen at all. A new reference, NULL if memory is short. */
json_t *json_line_string(const char *text);
json_t *json_line_stringn(const char *text, size_t len);

/* Opens a file for json_line_write(): appends, closes on exec, makes it (mode 0666, whatever the
 * umask) only if it is not there. Returns the descriptor, or -1 with errno. */
int json_line_open(const char *path);

#endif
