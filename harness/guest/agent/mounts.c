#include "mounts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "common/procfs.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "36 35 98:0 / /proc rw - proc proc rw" without the first two numbers; of "shared:7" stays
 * "shared". */
static char *normalise(const char *line)
{
	char *out = malloc(strlen(line) + 1), *to = out;
	int ids = 0;

	while (*line && ids < 2)
		ids += *line++ == ' ';
	while (*line) {
		*to++ = *line;
		if (*line++ == ':' && to - out >= 7 &&
		    (!strncmp(to - 7, "shared:", 7) || !strncmp(to - 7, "master:", 7)))
			while (isdigit((unsigned char)*line))
				line++;
	}
	*to = '\0';
	return out;
}

void mounts_read(struct mount_list *list)
{
	char *text = procfs_file_at(truth_proc_fd, "1/mountinfo", NULL);
	char *save = NULL;

	list->lines = NULL;
	list->n = 0;
	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		list->lines = realloc(list->lines, (list->n + 1) * sizeof(*list->lines));
		list->lines[list->n++] = normalise(l);
	}
	free(text);
	if (list->n)
		qsort(list->lines, list->n, sizeof(*list->lines), compare);
}

void mounts_free(struct mount_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->lines[i]);
	free(list->lines);
}

json_t *mounts_difference(const struct mount_list *a, const struct mount_list *b)
{
	json_t *lines = json_array();
	size_t j = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (j < b->n && strcmp(b->lines[j], a->lines[i]) < 0)
			j++;
		if (j < b->n && !strcmp(b->lines[j], a->lines[i]))
			j++;
		else
			json_array_append_new(lines, json_string(a->lines[i]));
	}
	return lines;
}
