#include "warmset.h"

#include <stdlib.h>
#include <string.h>

struct warm *warmset_find(const struct warmset *s, const struct stage_template *stage,
                          const char *entry, int shift)
{
	for (int i = 0; i < s->n; i++) {
		struct warm *w = s->warm[i];

		if (w->stage == stage && w->shift == shift && !strcmp(w->entry, entry))
			return w;
	}
	return NULL;
}

void warmset_drop(struct warmset *s, struct warm *w)
{
	for (int i = 0; i < s->n; i++) {
		if (s->warm[i] != w)
			continue;
		s->warm[i] = s->warm[--s->n];
		s->warming_up -= w->state == WARM_UP;
		warm_free(w);
		free(w);
		return;
	}
}

static void make_room(struct warmset *s)
{
	for (int i = 0; s->n == WARMSET_MAX; i++)
		if (s->warm[i]->state == WARM_READY)
			warmset_drop(s, s->warm[i]);
}

int warmset_start(struct warmset *s, const struct stage_template *stage, const char *entry,
                  int shift, int wall_s, struct err **e)
{
	struct warm *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	make_room(s);
	s->warm[s->n++] = w;
	s->warming_up++;
	return warm_start(w, stage, entry, shift, wall_s, e);
}

void warmset_read(struct warmset *s, void (*failed)(const struct warm *w, void *arg), void *arg)
{
	for (int i = 0; i < s->n;) {
		struct warm *w = s->warm[i];
		bool was_warming_up = w->state == WARM_UP;

		warm_read(w);
		s->warming_up -= was_warming_up && w->state != WARM_UP;
		if (w->state != WARM_FAILED) {
			i++;
			continue;
		}
		failed(w, arg);
		warmset_drop(s, w);
	}
}

void warmset_keep_wanted(struct warmset *s, bool (*wanted)(const struct warm *w, void *arg),
                         void *arg)
{
	for (int i = 0; i < s->n;) {
		if (s->warm[i]->state != WARM_READY || wanted(s->warm[i], arg))
			i++;
		else
			warmset_drop(s, s->warm[i]);
	}
}

void warmset_free(struct warmset *s)
{
	while (s->n)
		warmset_drop(s, s->warm[0]);
}
