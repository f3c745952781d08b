/* The warm machines of a runner. */
#ifndef PAMLAB_WARMSET_H
#define PAMLAB_WARMSET_H

#include "warm.h"

#define WARMSET_MAX 16 /* each has up to 100 MB for itself */

struct warmset {
	struct warm *warm[WARMSET_MAX];
	int n;
	int warming_up; /* of these */
};

/* NULL if there is none of that kind. */
struct warm *warmset_find(const struct warmset *s, const struct stage_template *stage,
                          const char *entry, int shift);

/* Starts one; if there are too many, another goes. At most one may be warming up. */
int warmset_start(struct warmset *s, const struct stage_template *stage, const char *entry,
                  int shift, int wall_s, struct err **e);

/* Looks after those that are warming up. `failed` is called for each that failed, before it is
 * dropped. */
void warmset_read(struct warmset *s, void (*failed)(const struct warm *w, void *arg), void *arg);

/* Drops one; its copies go on. */
void warmset_drop(struct warmset *s, struct warm *w);

/* Drops all that are ready and of which nobody wants another copy. */
void warmset_keep_wanted(struct warmset *s, bool (*wanted)(const struct warm *w, void *arg),
                         void *arg);

void warmset_free(struct warmset *s);

#endif
