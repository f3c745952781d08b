/* "Did you mean ...?" for names that the user mistyped. */
#ifndef PAMLAB_SUGGEST_H
#define PAMLAB_SUGGEST_H

/* The entry of names (which a NULL ends) that is nearest to word, if it is near enough to be a
 * mistyped one (a third of its letters, at least one); otherwise NULL. Two swapped letters count as
 * one difference (optimal string alignment distance). */
const char *suggest(const char *word, const char *const *names);

#endif
