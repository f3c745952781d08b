#include "case_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "printable.h"
#include "reporter.h"
#include "text.h"

char *case_text(const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);

	return value && !json_is_null(value) ? printable_json(value, NULL) : NULL;
}

char *shell_word(const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                           "0123456789_-+=:,./@%#";
	/* printable()'s escapes mean the same within $'...' */
	cleanup_free char *inner = printable(word, strlen(word), "'");

	if (*word && *word != '#' && !word[strspn(word, safe)])
		return take_ptr(inner);
	return text_format("$'%s'", inner);
}

char *case_repro(const json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id"));
	cleanup_free char *word = shell_word(id ? id : "");

	return text_format("pamlab repro %s", word);
}

char *case_path(const json_t *obj)
{
	const char *file = json_string_value(json_object_get(obj, "file")), *below = NULL;
	cleanup_free char *here = NULL;
	size_t n;

	if (!file)
		return NULL;
	here = getcwd(NULL, 0);
	n = here ? strlen(here) : 0;
	if (n > 1 && !strncmp(file, here, n) && file[n] == '/')
		return strdup(file + n + strspn(file + n, "/"));
	if (*file != '/')
		return strdup(file);
	for (const char *at = file; (at = strstr(at, "/scenarios/")); at++)
		below = at + 1;
	return strdup(below ? below : strrchr(file, '/') + 1);
}

json_int_t case_line_number(const json_t *obj)
{
	json_int_t line = json_integer_value(json_object_get(obj, "line"));

	return line > 0 ? line : 0;
}

char *case_relative_place(const json_t *obj)
{
	cleanup_free char *path = case_path(obj);
	cleanup_free char *shown = path ? printable(path, strlen(path), NULL) : NULL;

	if (!shown || !case_line_number(obj))
		return take_ptr(shown);
	return text_format("%s:%lld", shown, (long long)case_line_number(obj));
}

/* From the right: only the module's name may contain the separators. */
char *case_environment(const json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id"));
	const char *end = id ? strrchr(id, '#') : NULL, *at = end;

	while (at && at > id && *at != '@')
		at--;
	return at && *at == '@' ? printable(at + 1, end - at - 1, NULL) : strdup("");
}

char *case_variant(const json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id"));
	const char *schedule = id ? strrchr(id, '#') : NULL;
	json_int_t repeat = json_integer_value(json_object_get(obj, "repeat"));
	cleanup_free char *stage = case_text(obj, "stage");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (stage)
		fprintf(out, " ~%s", stage);
	if (schedule && strcmp(schedule, "#0:0") != 0) {
		cleanup_free char *shown = printable(schedule, strlen(schedule), NULL);

		fprintf(out, " %s", shown);
	}
	if (repeat > 0)
		fprintf(out, " repeat %lld", (long long)repeat);
	fclose(out);
	return text;
}

static void describe_evidence(const json_t *obj, FILE *out)
{
	json_t *list = json_object_get(obj, "evidence"), *item;
	size_t i;

	if (json_array_size(list))
		fputs("evidence:\n", out);
	json_array_foreach(list, i, item)
	{
		const json_t *holds = json_object_get(item, "holds");
		const char *word = json_is_true(holds)    ? "holds"
		                   : json_is_false(holds) ? "BROKEN"
		                                          : "not seen";
		cleanup_free char *control = case_text(item, "control");
		cleanup_free char *that = printable_json(json_object_get(item, "that"), NULL);
		cleanup_free char *observed =
		    printable_json(json_object_get(item, "observed"), NULL);
		cleanup_free char *expected =
		    printable_json(json_object_get(item, "expected"), NULL);

		fprintf(out, "  %-8s %s%s%s: %s, expected %s\n", word, control ? control : "",
		        control ? " " : "", that, observed, expected);
	}
}

void case_describe(const json_t *obj, FILE *out)
{
	static const char *const keys[] = {"title", "reason", "observed", "expected", "because"};
	cleanup_free char *repro = case_repro(obj), *place = case_relative_place(obj);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		cleanup_free char *text = case_text(obj, keys[i]);

		if (text)
			fprintf(out, "%s: %s\n", keys[i], text);
	}
	if (place)
		fprintf(out, "at: %s\n", place);
	fprintf(out, "reproduce: %s\n", repro);
	describe_evidence(obj, out);
}

char *case_description(const json_t *obj)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	case_describe(obj, out);
	fclose(out);
	return text;
}
