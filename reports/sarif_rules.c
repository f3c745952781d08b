/* The rules of a SARIF log: a property each, that is, a scenario. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "collect.h"
#include "printable.h"
#include "sarif.h"

json_t *sarif_message(const char *text)
{
	cleanup_free char *escaped = malloc(2 * strlen(text) + 1);
	char *to = escaped;

	if (!escaped)
		abort();
	for (const char *from = text; *from; from++) {
		*to++ = *from;
		if (*from == '{' || *from == '}')
			*to++ = *from;
		else if (*from == ']' && from[1] == '(')
			*to++ = ' ';
	}
	*to = '\0';
	return json_pack("{s:s}", "text", escaped);
}

/* Why it matters, what it is about, where to read on. */
static json_t *help_of(const json_t *scenario, const char *name)
{
	static const struct {
		const char *key, *head;
	} lists[] = {{"promises", "Judged of modules that promise: "}, {"sources", "See: "}};
	cleanup_free char *why = case_text(scenario, "why"), *text = NULL;
	cleanup_free char *word = shell_word(name);
	json_t *message, *item;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (why)
		fprintf(out, "%s\n", why);
	for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
		const char *separator = lists[k].head;

		json_array_foreach(json_object_get(scenario, lists[k].key), i, item)
		{
			cleanup_free char *shown = printable_json(item, NULL);

			fprintf(out, "%s%s", separator, shown);
			separator = ", ";
		}
		if (separator != lists[k].head)
			fputc('\n', out);
	}
	fprintf(out, "What is done and expected: pamlab show %s", word);
	fclose(out);
	message = sarif_message(text);
	return message;
}

static json_t *tags_of(const json_t *scenario)
{
	json_t *tags = json_pack("[s]", "security"), *item;
	cleanup_free char *group = case_text(scenario, "group");
	size_t i;

	if (group)
		json_array_append_new(tags, json_string(group));
	json_array_foreach(json_object_get(scenario, "promises"), i, item)
	{
		cleanup_free char *shown = printable_json(item, NULL);
		bool there = false;
		json_t *tag;
		size_t k;

		json_array_foreach(tags, k, tag) there |= !strcmp(json_string_value(tag), shown);
		if (!there)
			json_array_append_new(tags, json_string(shown));
	}
	return tags;
}

static json_t *rule_of(const json_t *scenario, const char *name)
{
	static const struct {
		const char *scope, *level, *severity;
	} levels[] = {
	    {"mask", "warning", "warning"},
	    {"info", "note", "recommendation"},
	    {NULL, "error", "error"},
	};
	cleanup_free char *id = printable(name, strlen(name), NULL);
	cleanup_free char *title = case_text(scenario, "title"), *why = case_text(scenario, "why");
	size_t k = 0;

	while (levels[k].scope && strcmp(levels[k].scope, text_of(scenario, "scope")) != 0)
		k++;
	return json_pack("{s:s, s:o, s:o, s:o, s:{s:s}, s:{s:o, s:s, s:s}}", "id", id,
	                 "shortDescription", sarif_message(title ? title : id), "fullDescription",
	                 sarif_message(why     ? why
	                               : title ? title
	                                       : id),
	                 "help", help_of(scenario, name), "defaultConfiguration", "level",
	                 levels[k].level, "properties", "tags", tags_of(scenario), "precision",
	                 "very-high", "problem.severity", levels[k].severity);
}

static void add_rule(json_t *rules, json_t *index, const json_t *scenario, const char *name)
{
	if (json_object_get(index, name))
		return;
	json_object_set_new(index, name, json_integer((json_int_t)json_array_size(rules)));
	json_array_append_new(rules, rule_of(scenario, name));
}

json_t *sarif_rules(const json_t *run, const json_t *cases, json_t **index)
{
	json_t *rules = json_array(), *obj;
	size_t i;

	*index = json_object();
	json_array_foreach(json_object_get(run, "scenarios"), i, obj)
	    add_rule(rules, *index, obj, text_of(obj, "name"));
	/* A log may have no scenarios in its run line: what a case says of its own will do. */
	json_array_foreach((json_t *)cases, i, obj)
	    add_rule(rules, *index, obj, text_of(obj, "scenario"));
	return rules;
}
