/* A warm machine: a clone of a template that has made a login through an entry, without the
 * candidate, and of which each run gets a copy (vm_copy.h). A clone that was just started has yet
 * to translate all that its first login executes, which takes three times as long as to execute it.
 * The copies are alike: the login was the same, to the instruction, in each machine of that kind.
 */
#ifndef PAMLAB_WARM_H
#define PAMLAB_WARM_H

#include <stdbool.h>

#include "err.h"
#include "guest.h"
#include "stageset.h"

enum warm_state { WARM_UP, WARM_READY, WARM_FAILED };

struct warm {
	const struct stage_template *stage; /* ready; not owned */
	const char *entry;                  /* that the login is made through */
	int shift;
	enum warm_state state;
	struct guest guest;
};

/* Starts it. */
int warm_start(struct warm *w, const struct stage_template *stage, const char *entry, int shift,
               int wall_s, struct err **e);

/* Call when guest.vm.events_fd is readable, and from time to time for the deadline: may change
 * `state`. guest.why tells of a failure. */
void warm_read(struct warm *w);

/* Ends it. Its copies go on. */
void warm_free(struct warm *w);

#endif
