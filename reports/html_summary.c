/* The answer: is it safe to ship? */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "html.h"
#include "mark.h"
#include "printable.h"

#define NAMED 4 /* broken properties that a module's row names */

/* In the order of increasing urgency. */
enum answer { ANSWER_BASELINE, ANSWER_YES, ANSWER_KNOWN, ANSWER_UNDECIDED, ANSWER_NO, ANSWERS };
static const struct {
	const char *class, *badge, *head;
} answers[ANSWERS] = {
    [ANSWER_BASELINE] = {"baseline", "Baseline", NULL},
    [ANSWER_YES] = {"yes", "Yes", "Nothing broken was found in"},
    [ANSWER_KNOWN] = {"known", "As known", "Only known failures in"},
    [ANSWER_UNDECIDED] = {"undecided", "Undecided", "Undecided:"},
    [ANSWER_NO] = {"no", "No", "Not safe to ship:"},
};

struct module {
	const char *name; /* borrowed */
	size_t from, to;  /* its cases */
	size_t counts[MARK_COUNT];
	enum answer answer;
};

static enum answer answer_of(const struct module *m)
{
	size_t judged = m->to - m->from - m->counts[MARK_SKIP] - m->counts[MARK_INFO];

	if (!strcmp(m->name, "none"))
		return ANSWER_BASELINE;
	if (m->counts[MARK_FAIL])
		return ANSWER_NO;
	if (m->counts[MARK_ERROR] || m->counts[MARK_INCONCLUSIVE] || m->counts[MARK_SURPRISE] ||
	    !judged)
		return ANSWER_UNDECIDED;
	return m->counts[MARK_KNOWN] ? ANSWER_KNOWN : ANSWER_YES;
}

/* The modules of the sorted cases; the caller frees. */
static struct module *find_modules(const struct collection *c, size_t *n)
{
	size_t cases = json_array_size(c->cases);
	struct module *modules = calloc(cases + 1, sizeof(*modules)), *m = NULL;

	if (!modules)
		abort();
	for (size_t i = 0; i < cases; i++) {
		const json_t *obj = json_array_get(c->cases, i);
		const char *name = text_of(obj, "module");

		if (!m || strcmp(m->name, name) != 0) {
			m = m ? m + 1 : modules;
			*m = (struct module){.name = name, .from = i};
		}
		m->to = i + 1;
		m->counts[mark_of(obj)]++;
	}
	*n = m ? (size_t)(m - modules) + 1 : 0;
	for (size_t i = 0; i < *n; i++)
		modules[i].answer = answer_of(&modules[i]);
	return modules;
}

static void put_name(FILE *out, const char *name)
{
	cleanup_free char *shown = printable(name, strlen(name), NULL);

	html_text(out, shown);
}

static void list_modules(FILE *out, const struct module *modules, size_t n, enum answer answer)
{
	const char *separator = " ";

	for (size_t i = 0; i < n; i++) {
		if (modules[i].answer != answer)
			continue;
		fputs(separator, out);
		put_name(out, modules[i].name);
		separator = ", ";
	}
}

/* Worst first: "Not safe to ship: A. Nothing broken was found in B." */
static void put_answers(FILE *out, const struct module *modules, size_t n, const char *between)
{
	size_t of[ANSWERS] = {0}, sentences = 0;

	for (size_t i = 0; i < n; i++)
		of[modules[i].answer]++;
	for (int a = ANSWER_NO; a > ANSWER_BASELINE; a--) {
		if (!of[a])
			continue;
		fputs(sentences++ ? between : "", out);
		fputs(answers[a].head, out);
		list_modules(out, modules, n, a);
	}
	if (!sentences)
		fputs(n ? "No module was judged: only the stack without one was run"
		        : "No case is in the log",
		      out);
}

void html_title(FILE *out, const struct collection *c)
{
	cleanup_free struct module *modules = NULL;
	size_t n;

	modules = find_modules(c, &n);
	put_answers(out, modules, n, "; ");
	fputs(" - pamlab", out);
}

/* The properties of this mark, each once: "A, B and 3 more". */
static void name_properties(FILE *out, const struct collection *c, const struct module *m,
                            enum mark_id mark)
{
	const char *before = "";
	size_t found = 0;

	for (size_t i = m->from; i < m->to; i++) {
		const json_t *obj = json_array_get(c->cases, i);
		const char *name = text_of(obj, "scenario");

		if (mark_of(obj) != mark || !strcmp(name, before))
			continue;
		before = name;
		if (found++ >= NAMED)
			continue;
		fputs(found > 1 ? ", " : "", out);
		put_name(out, name);
	}
	if (found > NAMED)
		fprintf(out, " and %zu more", found - NAMED);
}

static void explain(FILE *out, const struct collection *c, const struct module *m)
{
	static const struct {
		enum mark_id mark;
		const char *head;
	} parts[] = {
	    {MARK_FAIL, "Broken: "},
	    {MARK_ERROR, "The lab failed at: "},
	    {MARK_INCONCLUSIVE, "A control did not hold: "},
	    {MARK_SURPRISE, "Listed as a known failure, and holds: "},
	    {MARK_KNOWN, "Broken as its contract says: "},
	    {MARK_WARN, "Masked only: "},
	};
	bool said = false;

	if (m->answer == ANSWER_BASELINE)
		fputs("The stack without a module: what the others are compared with. ", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!m->counts[parts[i].mark] || m->answer == ANSWER_BASELINE)
			continue;
		fputs(parts[i].head, out);
		name_properties(out, c, m, parts[i].mark);
		fputs(". ", out);
		said = true;
	}
	if (!said && m->answer == ANSWER_YES)
		fprintf(out, "Everything held that was judged, in %zu cases.",
		        m->counts[MARK_PASS]);
	else if (!said && m->answer == ANSWER_UNDECIDED)
		fputs("Nothing was judged.", out);
}

static void put_modules(FILE *out, const struct collection *c, const struct module *modules,
                        size_t n)
{
	static const struct {
		enum mark_id marks[2];
		const char *head;
	} columns[] = {
	    {{MARK_FAIL, MARK_NONE}, "broken"},     {{MARK_ERROR, MARK_INCONCLUSIVE}, "undecided"},
	    {{MARK_KNOWN, MARK_SURPRISE}, "known"}, {{MARK_WARN, MARK_NONE}, "masked"},
	    {{MARK_PASS, MARK_NONE}, "hold"},       {{MARK_SKIP, MARK_INFO}, "not judged"},
	};
	const size_t n_columns = sizeof(columns) / sizeof(*columns);

	fputs("<div class=\"wide\"><table class=\"answers\">\n<thead><tr><th>Safe to ship?</th>"
	      "<th>Module</th><th>Why</th>",
	      out);
	for (size_t k = 0; k < n_columns; k++)
		fprintf(out, "<th class=\"number\">%s</th>", columns[k].head);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < n; i++) {
		const struct module *m = &modules[i];

		fprintf(out,
		        "<tr><td><strong class=\"badge %s\">%s</strong></td><th scope=\"row\">",
		        answers[m->answer].class, answers[m->answer].badge);
		put_name(out, m->name);
		fputs("</th><td>", out);
		explain(out, c, m);
		fputs("</td>", out);
		for (size_t k = 0; k < n_columns; k++) {
			size_t of = m->counts[columns[k].marks[0]] + m->counts[columns[k].marks[1]];

			fprintf(out, "<td class=\"number%s\">%zu</td>", of ? "" : " zero", of);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

void html_summary(FILE *out, const struct collection *c, const json_t *notes)
{
	cleanup_free struct module *modules = NULL;
	enum answer worst = ANSWER_BASELINE;
	json_t *note;
	size_t n, i;

	modules = find_modules(c, &n);
	for (i = 0; i < n; i++)
		if (modules[i].answer > worst)
			worst = modules[i].answer;
	if (json_array_size(notes) && worst < ANSWER_UNDECIDED)
		worst = ANSWER_UNDECIDED;
	fprintf(out, "<header class=\"%s\">\n<h1>", answers[worst].class);
	fputs(json_array_size(notes) ? "This report is not complete. " : "", out);
	put_answers(out, modules, n, ". ");
	fputs(".</h1>\n", out);
	json_array_foreach((json_t *)notes, i, note)
	{
		fputs("<p class=\"note\">", out);
		html_text(out, json_string_value(note));
		fputs("</p>\n", out);
	}
	put_modules(out, c, modules, n);
	fputs("<p class=\"fine\">A pass is no proof against malice: a module is root in its guest, "
	      "and "
	      "could forge what is seen there. Verdicts are of the image, kernel and entries "
	      "below.</p>\n</header>\n",
	      out);
}
