#include "stack_marks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stack.h"
#include "text.h"

#define PAM_DIR  "/etc/pam.d/"
#define INCLUDED "common-"

/* A line of a stack without the type before it and the place behind it. */
#define MARKER_LINE "optional " MARKER_PATH " "

static const char *service_name(const json_t *file)
{
	const char *path = json_string_value(json_object_get(file, "path"));

	if (!path || strncmp(path, PAM_DIR, strlen(PAM_DIR)) != 0)
		return NULL;
	path += strlen(PAM_DIR);
	return strncmp(path, INCLUDED, strlen(INCLUDED)) ? path : NULL;
}

static bool is_service(const json_t *files, const char *name)
{
	const json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		const char *service = service_name(file);

		if (service && !strcmp(service, name))
			return true;
	}
	return false;
}

static void add_file(json_t *to, const char *path, const char *content)
{
	json_array_append_new(
	    to, json_pack("{s:s, s:i, s:s}", "path", path, "mode", 0644, "content", content));
}

/* A stack that includes another service's goes on with what that was. */
static char *body_of(const json_t *files, const char *content)
{
	cleanup_free char *copy = strdup(content);
	char *body = NULL, *rest = copy, *line;
	size_t len;
	FILE *out = open_memstream(&body, &len);

	if (!out)
		abort();
	while ((line = strsep(&rest, "\n"))) {
		char type[32], how[32], name[128];

		if (sscanf(line, "%31s %31s %127s", type, how, name) == 3 &&
		    !strcmp(how, "include") && is_service(files, name))
			fprintf(out, "%s include %s.stack\n", type, name);
		else if (*line)
			fprintf(out, "%s\n", line);
	}
	fclose(out);
	return body;
}

static void add_wrapper(json_t *to, const char *path, const char *service)
{
	static const char *const types[] = {"auth", "account", "session"};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		fprintf(out,
		        "%s " MARKER_LINE "begin\n%s substack %s.stack\n%s " MARKER_LINE "end\n",
		        types[i], types[i], service, types[i]);
	fprintf(out, "password include %s.stack\n", service);
	fclose(out);
	add_file(to, path, text);
	free(text);
}

static json_t *mark_services(const json_t *files)
{
	json_t *marked = json_array(), *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		const char *service = service_name(file);
		const char *path = json_string_value(json_object_get(file, "path"));
		cleanup_free char *body = NULL, *body_path = NULL;

		if (!service) {
			json_array_append(marked, file);
			continue;
		}
		body = body_of(files, json_string_value(json_object_get(file, "content")));
		body_path = text_format("%s.stack", path);
		add_file(marked, body_path, body);
		add_wrapper(marked, path, service);
	}
	return marked;
}

json_t *stack_expand_marked(const char *module_file, const char *args, struct err **e)
{
	cleanup_json json_t *files =
	    stack_expand_between(NULL, module_file, args, NULL, "session " MARKER_LINE "before\n",
	                         "session " MARKER_LINE "after\n", e);

	return files ? mark_services(files) : NULL;
}
