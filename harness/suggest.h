/* "Did you mean ...?" for names that a user mistyped. */
#ifndef PAMLAB_SUGGEST_H
#define PAMLAB_SUGGEST_H

/* The name of the NULL-terminated list that is nearest to the word by Damerau-Levenshtein distance
 * (optimal string alignment); NULL if none is near. The result is one of the list's own pointers.
 */
const char *suggest(const char *word, const char *const *names);

#endif
