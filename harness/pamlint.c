#include "pamlint.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "paths.h"
#include "text.h"

enum { DEEPEST = 16 };

/* A line of the session stack as libpam runs it, includes put in place. A substack is a line of its
 * own (module NULL) before its content, which has another level: jumps and ends stay inside. */
struct line {
	char *file, *control, *module;
	unsigned number;
	unsigned level; /* 0: the service's own */
};

struct stack {
	struct line *lines;
	size_t n;
	size_t opener[256]; /* of each level but 0: the index of its substack's line */
	unsigned n_levels;
};

static void free_stack(struct stack *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->lines[i].file);
		free(s->lines[i].control);
		free(s->lines[i].module);
	}
	free(s->lines);
}

static void add_line(struct stack *s, const char *file, unsigned number, unsigned level,
                     const char *control, const char *module)
{
	s->lines = reallocarray(s->lines, s->n + 1, sizeof(*s->lines));
	if (!s->lines)
		abort();
	s->lines[s->n++] = (struct line){.file = strdup(file),
	                                 .control = strdup(control),
	                                 .module = module ? strdup(module) : NULL,
	                                 .number = number,
	                                 .level = level};
}

/* Takes the next word off *rest: "[...]" is one word. NULL at the end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	char *end = *word == '[' ? strchr(word, ']') : NULL;

	if (!*word)
		return NULL;
	end = end ? end + 1 : word + strcspn(word, " \t");
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- reading -------------------------------------------------------------------------------------
 */

static int read_file_into(struct stack *s, const char *dir, const char *name, unsigned level,
                          unsigned depth, struct err **e);

static int read_line_into(struct stack *s, const char *dir, const char *file, unsigned number,
                          char *text, unsigned level, unsigned depth, struct err **e)
{
	char *type = next_word(&text), *control, *module;

	if (!type)
		return 0;
	if (!strcmp(type, "@include")) {
		module = next_word(&text);
		return module ? read_file_into(s, dir, module, level, depth + 1, e) : 0;
	}
	if (strcmp(type + (*type == '-'), "session") != 0)
		return 0;
	control = next_word(&text);
	module = next_word(&text);
	if (!control || !module)
		return err_usage(e, "%s:%u: no control or no module", file, number);
	if (!strcmp(control, "include"))
		return read_file_into(s, dir, module, level, depth + 1, e);
	if (!strcmp(control, "substack")) {
		add_line(s, file, number, level, control, NULL);
		if (s->n_levels + 1 >= sizeof(s->opener) / sizeof(*s->opener))
			return err_usage(e, "%s:%u: too many substacks", file, number);
		s->opener[++s->n_levels] = s->n - 1;
		return read_file_into(s, dir, module, s->n_levels, depth + 1, e);
	}
	add_line(s, file, number, level, control, module);
	return 0;
}

/* libpam ends a line at '#' and joins it to the next one after a backslash. */
static int read_file_into(struct stack *s, const char *dir, const char *name, unsigned level,
                          unsigned depth, struct err **e)
{
	cleanup_free char *path = NULL, *content = NULL, *joined = strdup("");
	unsigned number = 0, first = 0;
	int status = 0;
	char *rest;

	if (depth > DEEPEST)
		return err_usage(e, "%s/%s: included in itself", dir, name);
	path = text_format("%s/%s", dir, base_name(name));
	rest = content = read_file(path, NULL, e);
	if (!content)
		return -1;
	for (char *l; status == 0 && (l = strsep(&rest, "\n"));) {
		char *more = NULL;
		size_t len;

		number++;
		l[strcspn(l, "#")] = '\0';
		len = strlen(l);
		if (!*joined)
			first = number;
		if (len && l[len - 1] == '\\')
			l[len - 1] = ' ';
		else
			len = 0;
		more = text_format("%s%s", joined, l);
		free(joined);
		joined = more;
		if (len)
			continue;
		status = read_line_into(s, dir, path, first, joined, level, depth, e);
		joined[0] = '\0';
	}
	return status;
}

/* --- judging -------------------------------------------------------------------------------------
 */

/* What a control does if the module returns `value` ("success", "session_err"): "bad", "ignore",
 * "done", a number, ...; into action. The words are those of pam.conf(5). */
static void action_of(const char *control, const char *value, char action[32])
{
	static const struct {
		const char *word, *success, *failure;
	} words[] = {{"required", "ok", "bad"},
	             {"requisite", "ok", "die"},
	             {"sufficient", "done", "ignore"},
	             {"optional", "ok", "ignore"}};
	const char *otherwise = "bad", *found = NULL;
	cleanup_free char *copy = strdup(control);
	char *save = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(control, words[i].word)) {
			found = strcmp(value, "success") ? words[i].failure : words[i].success;
			snprintf(action, 32, "%s", found);
			return;
		}
	for (char *w = strtok_r(copy, "[] \t", &save); w; w = strtok_r(NULL, "[] \t", &save)) {
		char *equals = strchr(w, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (!strcmp(w, value))
			found = equals + 1;
		else if (!strcmp(w, "default"))
			otherwise = equals + 1;
	}
	snprintf(action, 32, "%s", found ? found : otherwise);
}

static bool is_one_of(const char *module, const char *const *modules)
{
	for (; module && *modules; modules++)
		if (!strcmp(base_name(module), *modules))
			return true;
	return false;
}

/* Adds "FILE:LINE: BEFORE MODULE AFTER CONTROL", once. */
static void find(json_t *findings, const struct line *at, const struct line *module,
                 const char *before, const char *after)
{
	cleanup_free char *whole = NULL;
	json_t *known;
	size_t i;

	whole = text_format("%s:%u: %s%s %s: control %s", at->file, at->number, before,
	                    base_name(module->module), after, at->control);
	json_array_foreach(findings, i, known) if (!strcmp(json_string_value(known), whole)) return;
	json_array_append_new(findings, json_string(whole));
}

/* The module fails, and the session is opened all the same? */
static void judge_itself(const struct line *l, json_t *findings)
{
	static const char *const failures[] = {"session_err", "system_err", "abort"};
	char action[32];

	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		action_of(l->control, failures[i], action);
		if (strcmp(action, "bad") != 0 && strcmp(action, "die") != 0) {
			find(findings, l, l, "if ", "fails the session is opened without it");
			return;
		}
	}
}

/* How far is it from line i to line t, or the substack that t is in, in lines of i's level? 0: i
 * cannot get past it. */
static unsigned distance(const struct stack *s, size_t i, size_t t)
{
	unsigned lines = 0;

	while (s->lines[t].level != s->lines[i].level) {
		if (s->lines[t].level == 0)
			return 0;
		t = s->opener[s->lines[t].level];
	}
	if (t <= i)
		return 0;
	for (size_t k = i + 1; k <= t; k++)
		lines += s->lines[k].level == s->lines[i].level;
	return lines;
}

/* Does a line before the module keep it from being run, with a good end? */
static void judge_before(const struct stack *s, size_t i, size_t t, json_t *findings)
{
	static const char *const values[] = {"success", "ignore", "session_err"};
	const struct line *l = &s->lines[i];
	unsigned away = distance(s, i, t);

	if (!away || !l->module)
		return;
	for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
		char action[32];

		action_of(l->control, values[v], action);
		if (!strcmp(action, "done"))
			find(findings, l, &s->lines[t], "",
			     "may never be run, as this line can end "
			     "the stack");
		else if (isdigit((unsigned char)action[0]) && strtoul(action, NULL, 10) >= away)
			find(findings, l, &s->lines[t], "", "may be jumped over");
	}
}

int pamlint_service(const char *dir, const char *service, const char *const *modules,
                    json_t *findings, enum pamlint_kind *kind, struct err **e)
{
	struct stack s = {0};
	int status = read_file_into(&s, dir, service, 0, 0, e);

	*kind = s.n ? PAMLINT_WITHOUT : PAMLINT_NO_SESSION;
	for (size_t t = 0; status == 0 && t < s.n; t++) {
		if (!is_one_of(s.lines[t].module, modules))
			continue;
		*kind = PAMLINT_WITH;
		judge_itself(&s.lines[t], findings);
		for (size_t i = 0; i < t; i++)
			judge_before(&s, i, t, findings);
	}
	free_stack(&s);
	return status;
}

/* --- a folder ------------------------------------------------------------------------------------
 */

static int is_file(const struct dirent *d)
{
	return d->d_name[0] != '.' && !strchr(d->d_name, '~') && d->d_type != DT_DIR;
}

/* Is `name` included by another file of the folder? */
static bool is_included(const char *dir, const char *name, struct dirent **list, int n)
{
	for (int i = 0; i < n; i++) {
		cleanup_free char *path = NULL, *content = NULL;
		char *rest;

		path = text_format("%s/%s", dir, list[i]->d_name);
		rest = content = read_file(path, NULL, NULL);
		for (char *l; content && (l = strsep(&rest, "\n"));) {
			char *first = next_word(&l), *second = first ? next_word(&l) : NULL;
			char *third = second ? next_word(&l) : NULL;

			/* su-l includes su, which is a service all the same. */
			if (second && !strcmp(first, "@include") && !strcmp(second, name) &&
			    !strncmp(name, "common-", 7))
				return true;
			if (third && (!strcmp(second, "include") || !strcmp(second, "substack")) &&
			    !strcmp(third, name) && !strncmp(name, "system-", 7))
				return true;
		}
	}
	return false;
}

json_t *pamlint_services(const char *dir, struct err **e)
{
	struct dirent **list = NULL;
	int n = scandir(dir, &list, is_file, alphasort);
	json_t *names;

	if (n < 0) {
		err_usage(e, "%s: no folder of PAM files", dir);
		return NULL;
	}
	names = json_array();
	for (int i = 0; i < n; i++)
		if (!is_included(dir, list[i]->d_name, list, n))
			json_array_append_new(names, json_string(list[i]->d_name));
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return names;
}
