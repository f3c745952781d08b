/* What the lab needs of the machine that it runs on. */
#ifndef PAMLAB_DOCTOR_H
#define PAMLAB_DOCTOR_H

#include <stddef.h>

enum finding_state {
	FINDING_OK,
	FINDING_NOTE,    /* the lab works without it */
	FINDING_MISSING, /* the lab, or a part that is named, does not work */
};

struct finding {
	enum finding_state state;
	char *text; /* one line; whoever called the check frees it */
};

struct check {
	const char *name;
	struct finding (*look)(void);
};

/* All checks, in the order to show them. The last one, kvm, may take 10 s; the others take no time.
 */
extern const struct check checks[];
extern const size_t check_count;

#endif
