/* Text of unknown origin (guests, file names, candidates) made safe to show or to store. */
#ifndef PAMLAB_PRINTABLE_H
#define PAMLAB_PRINTABLE_H

#include <jansson.h>
#include <stddef.h>

/* A JSON string of n bytes, whatever they are: each maximal invalid sequence becomes one U+FFFD
 * (Unicode 15, 3.9, "substitution of maximal subparts"). Control characters, NUL too, are kept;
 * they are escaped when the string is written. New reference. */
json_t *json_text(const char *bytes, size_t n);

/* One line that a terminal shows as it is, and XML 1.0 can hold: control characters (C0, DEL, C1),
 * marks that turn the direction of writing, and bytes that are no UTF-8 become \n, \t or \xHH, a
 * backslash \\, and so does, as \xHH, each ASCII character in `also` (may be NULL). The caller
 * frees. */
char *printable(const char *bytes, size_t n, const char *also);

/* The same for a text parts of which may have been through printable(): backslashes stay as they
 * are. The caller frees. */
char *printable_rest(const char *text);

/* The same for a JSON value: a string without its quotes, null for NULL as "-", anything else as
 * compact JSON. The caller frees. */
char *printable_json(const json_t *value, const char *also);

/* Columns that valid UTF-8 takes, one for each character. */
size_t text_columns(const char *utf8);

#endif
