/* Event logs made up for tests. */
#ifndef PAMLAB_SYNTHETIC_H
#define PAMLAB_SYNTHETIC_H

#include <jansson.h>
#include <stdio.h>

#include "results.h"

/* A log in memory. `run` has the run line's own keys as JSON members, such as "\"accel\":\"kvm\"";
 * NULL: none. */
struct synthetic {
	char *text;
	size_t len;
	FILE *out;
};
void synthetic_begin(struct synthetic *s, const char *run);
/* A line of a case called m/su/NAME; `more` are further members, NULL: none. */
void synthetic_case(struct synthetic *s, const char *name, const char *verdict, const char *more);
/* The same with a cost. */
void synthetic_cost(struct synthetic *s, const char *name, long long enter, long long leave,
                    long long total);
/* Any text. */
void synthetic_add(struct synthetic *s, const char *text);
void synthetic_end(struct synthetic *s);

/* Reads what was written, and frees it. */
void synthetic_read(struct synthetic *s, struct results *r);

#endif
