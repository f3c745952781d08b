/* What reports say of a case, as text that is fit to be shown. The caller frees all strings. */
#ifndef PAMLAB_CASE_TEXT_H
#define PAMLAB_CASE_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* A value of the line, printable(); NULL if it is null or missing. */
char *case_text(const json_t *obj, const char *key);

/* A word for a POSIX shell: $'...' (POSIX.1-2024) if it needs quoting. */
char *shell_word(const char *word);

/* The command that runs the case again. */
char *case_repro(const json_t *obj);

/* Where the scenario's file is, relative to the working directory if it lies below it, and to the
 * folder that scenarios/ is in otherwise: what a code host can find in a repository. Any bytes but
 * NUL. NULL if the line does not say. */
char *case_path(const json_t *obj);

/* The line in that file; 0 if the line does not say. */
json_int_t case_line_number(const json_t *obj);

/* "PATH:LINE" of these two, printable(); NULL if the line does not say. */
char *case_relative_place(const json_t *obj);

/* IMAGE+KERNEL of the case's id, printable(); "" if there is none. */
char *case_environment(const json_t *obj);

/* " ~STAGE", " #SHIFT:OFFSET", " repeat N" of what is not the plain case; "" if it is. */
char *case_variant(const json_t *obj);

/* Writes what is to be said of a case, a line each: title, reason, observed, expected, because,
 * place, how to reproduce it, the evidence. All of it printable(), except for newlines. */
void case_describe(const json_t *obj, FILE *out);
/* The same as a string. */
char *case_description(const json_t *obj);

#endif
