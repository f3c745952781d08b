/* What somebody may have meant. */
#ifndef PAMLAB_SUGGEST_H
#define PAMLAB_SUGGEST_H

/* The name nearest to a word (optimal string alignment distance), or NULL if none is near: at most
 * 2 edits for a word of 4 characters or more, 1 for a shorter one. names ends with NULL. */
const char *suggest(const char *word, const char *const *names);

#endif
