#include "comparison.h"

#include <stdbool.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"

/* Findings in the order in which they are of interest, and what a group of them is called. */
static const struct group {
	const char *kind, *title;
} groups[] = {
    {"new-failure", "New failures"},
    {"worse", "Worse"},
    {"undecided", "Not decided any more"},
    {"not-judged", "Not judged any more"},
    {"missing", "Missing"},
    {"known-expired", "Known failures that expired"},
    {"known-passes", "Known failures that hold"},
    {"cost", "Costs more"},
    {"wall", "Slower"},
    {"fixed", "Fixed"},
    {"better", "Better"},
    {"decided", "Decided now"},
    {"judged", "Judged now"},
    {"new-case", "New cases"},
    {"known", "Known failures"},
    {"cheaper", "Costs less"},
    {"faster", "Faster"},
};
#define GROUPS (sizeof(groups) / sizeof(*groups))

const char *const comparison_formats[] = {"text", "json", "github", "markdown", NULL};

comparison_fn *comparison_writer(const char *format)
{
	static comparison_fn *const writers[] = {comparison_text, comparison_json,
	                                         comparison_github, comparison_markdown};

	for (size_t i = 0; comparison_formats[i]; i++)
		if (!strcmp(comparison_formats[i], format))
			return writers[i];
	return NULL;
}

static bool is_of(const json_t *finding, const struct group *g)
{
	const char *kind = json_string_value(json_object_get(finding, "kind"));

	return kind && !strcmp(kind, g->kind);
}

static bool is_regression(const json_t *finding)
{
	return json_is_true(json_object_get(finding, "regression"));
}

/* A member as a line that any terminal shows as it is. The caller frees. */
static char *member(const json_t *obj, const char *key, const char *also)
{
	return printable_json(json_object_get(obj, key), also);
}

static json_int_t regressions(const json_t *comparison)
{
	return json_integer_value(json_object_get(comparison, "regressions"));
}

/* The answer, in a sentence. */
static void put_answer(FILE *out, const json_t *comparison)
{
	json_int_t n = regressions(comparison);

	if (n)
		fprintf(out, "%lld regression%s", (long long)n, n == 1 ? "" : "s");
	else
		fputs("No regression", out);
}

static void put_sides(FILE *out, const json_t *comparison, const char *also, const char *quote)
{
	static const char *const keys[] = {"base", "new"};

	for (int i = 0; i < 2; i++) {
		const json_t *side = json_object_get(comparison, keys[i]);
		cleanup_free char *path = member(side, "path", also);

		fprintf(out, "%s%s %s%s%s (%lld cases)", i ? ", " : ": ", keys[i], quote, path,
		        quote, (long long)json_integer_value(json_object_get(side, "cases")));
	}
}

/* "total_ns +0.5%"; nothing if costs are not judged. */
static void put_limits(FILE *out, const json_t *comparison, const char *also)
{
	const json_t *limits = json_object_get(comparison, "max_cost"), *limit;
	const char *phase;

	if (!json_object_size(limits))
		fputs("Costs are not judged.\n", out);
	json_object_foreach((json_t *)limits, phase, limit)
	{
		cleanup_free char *name = printable(phase, strlen(phase), also);

		fprintf(out, "Costs are counted, not measured; judged: %s, at most %s.\n", name,
		        json_string_value(limit));
	}
}

static void put_text_group(FILE *out, const json_t *findings, const struct group *g)
{
	const json_t *f;
	bool begun = false;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		cleanup_free char *id = NULL, *text = NULL;

		if (!is_of(f, g))
			continue;
		id = member(f, "case", NULL);
		text = member(f, "text", NULL);
		if (!begun)
			fprintf(out, "\n%s\n", g->title);
		begun = true;
		fprintf(out, "  %s %s\n      %s\n", is_regression(f) ? "!" : " ", id, text);
	}
}

void comparison_text(FILE *out, const json_t *comparison)
{
	const json_t *notes = json_object_get(comparison, "notes"), *note;
	size_t i;

	put_answer(out, comparison);
	put_sides(out, comparison, NULL, "");
	fputc('\n', out);
	for (size_t g = 0; g < GROUPS; g++)
		put_text_group(out, json_object_get(comparison, "findings"), &groups[g]);
	fputc('\n', out);
	json_array_foreach(notes, i, note)
	{
		cleanup_free char *text = printable_json(note, NULL);

		fprintf(out, "Note: %s\n", text);
	}
	put_limits(out, comparison, NULL);
}

void comparison_json(FILE *out, const json_t *comparison)
{
	json_dumpf(comparison, out, JSON_INDENT(1));
	fputc('\n', out);
}

/* GitHub decodes %25, %0D, %0A, and in a property %3A and %2C (actions/toolkit, command.ts). */
static void put_escaped(FILE *out, const char *text, bool property)
{
	for (; *text; text++) {
		bool escape = *text == '%' || *text == '\r' || *text == '\n' ||
		              (property && strchr(":,", *text));

		if (escape)
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			fputc(*text, out);
	}
}

static void put_annotation(FILE *out, const json_t *f, const struct group *g)
{
	cleanup_free char *id = member(f, "case", NULL), *text = member(f, "text", NULL);
	const json_t *file = json_object_get(f, "file"), *line = json_object_get(f, "line");

	fprintf(out, "::%s ", is_regression(f) ? "error" : "notice");
	if (json_is_string(file)) {
		cleanup_free char *path = printable_json(file, NULL);

		fputs("file=", out);
		put_escaped(out, path, true);
		if (json_is_integer(line))
			fprintf(out, ",line=%lld", (long long)json_integer_value(line));
		fputc(',', out);
	}
	fputs("title=", out);
	put_escaped(out, g->title, true);
	fputs("::", out);
	put_escaped(out, id, false);
	fputc(' ', out);
	put_escaped(out, text, false);
	fputc('\n', out);
}

void comparison_github(FILE *out, const json_t *comparison)
{
	const json_t *findings = json_object_get(comparison, "findings"), *f;
	const json_t *notes = json_object_get(comparison, "notes"), *note;
	size_t i;

	for (size_t g = 0; g < GROUPS; g++) {
		json_array_foreach(findings, i, f)
		{
			bool quiet = json_object_get(f, "phases") && !is_regression(f);

			if (is_of(f, &groups[g]) && !quiet)
				put_annotation(out, f, &groups[g]);
		}
	}
	json_array_foreach(notes, i, note)
	{
		cleanup_free char *text = printable_json(note, NULL);

		fputs("::notice title=pamlab compare::", out);
		put_escaped(out, text, false);
		fputc('\n', out);
	}
	fprintf(out, "::%s title=pamlab compare::", regressions(comparison) ? "error" : "notice");
	put_answer(out, comparison);
	fputc('\n', out);
}

/* Characters that mean something in Markdown, a table or HTML become \xHH. */
#define MARKDOWN "|<>`&*[]!"

void comparison_markdown(FILE *out, const json_t *comparison)
{
	const json_t *findings = json_object_get(comparison, "findings"), *f;
	const json_t *notes = json_object_get(comparison, "notes"), *note;
	bool begun = false;
	size_t i;

	fputs("### pamlab: ", out);
	put_answer(out, comparison);
	fputs("\n\nCompared", out);
	put_sides(out, comparison, MARKDOWN, "`");
	fputs("\n\n", out);
	for (size_t g = 0; g < GROUPS; g++) {
		json_array_foreach(findings, i, f)
		{
			cleanup_free char *id = NULL, *text = NULL;

			if (!is_of(f, &groups[g]))
				continue;
			id = member(f, "case", MARKDOWN);
			text = member(f, "text", MARKDOWN);
			if (!begun)
				fputs("| | what | case | |\n|---|---|---|---|\n", out);
			begun = true;
			fprintf(out, "| %s | %s | `%s` | %s |\n", is_regression(f) ? "**!**" : "",
			        groups[g].title, id, text);
		}
	}
	fputs(begun ? "\n" : "", out);
	json_array_foreach(notes, i, note)
	{
		cleanup_free char *text = printable_json(note, MARKDOWN);

		fprintf(out, "- %s\n", text);
	}
	fputs("- ", out);
	put_limits(out, comparison, MARKDOWN);
}
