#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stack.h"
#include "suggest.h"

const struct stage_setup stage_setups[] = {
#define SETUP(name, function, varies, about)          {name, NULL, NULL, varies, about},
#define COMPANION(name, before, after, varies, about) {name, before, after, varies, about},
#include "probes/stage.def"
#undef SETUP
#undef COMPANION
    {NULL, NULL, NULL, false, NULL},
};

const char *const *stage_setup_names(void)
{
	static const char *names[sizeof(stage_setups) / sizeof(*stage_setups)];

	for (size_t i = 0; stage_setups[i].name; i++)
		names[i] = stage_setups[i].name;
	return names;
}

static const char *position_of(const struct stage *s)
{
	return s->position ? s->position : stack_positions[0];
}

static bool is_in(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

bool stage_is_plain(const struct stage *s)
{
	return !s->root_shared && !s->position && !s->with_count;
}

char *stage_text(const struct stage *s)
{
	bool moved = strcmp(position_of(s), stack_positions[0]) != 0;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	if (s->root_shared)
		fputs("shared", f);
	if (moved)
		fprintf(f, "%s%s", s->root_shared ? "," : "", s->position);
	for (unsigned i = 0; i < s->with_count; i++)
		fprintf(f, "%s%s", i || moved || s->root_shared ? "," : "", s->with[i]);
	fclose(f);
	return text;
}

static int refuse_word(const char *word, struct err **e)
{
	const char *near = suggest(word, stage_setup_names());

	near = near ? near : suggest(word, stack_positions);
	return err_usage(e, "no stage \"%s\"%s%s%s: `pamlab list stages` names them", word,
	                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

int stage_parse(const char *text, struct stage *s, struct err **e)
{
	cleanup_free char *copy = strdup(text);
	char *save = NULL;

	*s = (struct stage){0};
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		if (!strcmp(w, "shared") || !strcmp(w, "private")) {
			s->root_shared = !strcmp(w, "shared");
		} else if (is_in(stack_positions, w)) {
			free(s->position);
			s->position = strdup(w);
		} else if (is_in(stage_setup_names(), w)) {
			s->with = reallocarray(s->with, s->with_count + 1, sizeof(*s->with));
			if (!s->with)
				abort();
			s->with[s->with_count++] = strdup(w);
		} else {
			stage_clear(s);
			return refuse_word(w, e);
		}
	}
	return 0;
}

void stage_clear(struct stage *s)
{
	for (unsigned i = 0; i < s->with_count; i++)
		free(s->with[i]);
	free(s->with);
	free(s->position);
	free(s->root);
	*s = (struct stage){0};
}

/* The lines of all companions on one side of the candidate. */
static char *companions(const struct stage *s, bool after)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	for (unsigned i = 0; i < s->with_count; i++)
		for (const struct stage_setup *t = stage_setups; t->name; t++)
			if (t->before && !strcmp(t->name, s->with[i]) &&
			    *(after ? t->after : t->before))
				fprintf(f, "%s\n", after ? t->after : t->before);
	fclose(f);
	return text;
}

int stage_add(const struct stage *s, const struct candidate *c, json_t *job, struct err **e)
{
	cleanup_free char *before = companions(s, false), *after = companions(s, true);
	json_t *with = json_array(), *files;

	json_object_set_new(job, "root", json_string(s->root_shared ? "shared" : "private"));
	json_object_set_new(job, "with", with);
	for (unsigned i = 0; i < s->with_count; i++)
		json_array_append_new(with, json_string(s->with[i]));
	if (!*before && !*after && !strcmp(position_of(s), stack_positions[0]))
		return 0;
	files = stack_expand_between("required", c->file, c->args, s->position, before, after, e);
	return files ? json_object_set_new(job, "files", files) : -1;
}
