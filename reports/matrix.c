/* The table itself: rows, columns and marks, fitted to the terminal's width. */
#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "collect.h"
#include "printable.h"
#include "text.h"

#define INDENT   4  /* of a scenario's name */
#define NAME_MIN 12 /* columns that a name keeps, however narrow the terminal is */
#define GAP      2  /* between columns */

struct matrix {
	FILE *out;
	const struct style *style;
	json_t *entries;   /* the columns, in order */
	size_t name_width; /* of the first column */
	bool numbered;     /* the columns are headed by numbers, named in the legend */
	bool used[MARK_COUNT];
};

void paint(FILE *out, const struct style *style, const struct mark *mark, const char *text)
{
	if (style->colour && *mark->colour)
		fprintf(out, "\x1b[%sm%s\x1b[0m", mark->colour, text);
	else
		fputs(text, out);
}

/* At most `width` columns of a text, "~" in place of what is cut off; padded to the width. */
static void put_cell(FILE *out, const char *text, size_t width)
{
	size_t columns = text_columns(text), shown = 0;
	size_t room = columns > width ? width - 1 : width;

	for (; *text; text++) {
		shown += ((unsigned char)*text & 0xc0) != 0x80;
		if (shown > room)
			break;
		fputc(*text, out);
	}
	if (columns > width)
		fputc('~', out);
	for (; columns < width; columns++)
		fputc(' ', out);
}

static size_t column_width(const struct matrix *m, size_t i)
{
	const char *entry = json_string_value(json_array_get(m->entries, i));
	size_t digits = json_array_size(m->entries) < 10 ? 1 : 2;
	size_t width = m->numbered ? digits : text_columns(entry);

	return GAP + (width ? width : 1);
}

static size_t columns_width(const struct matrix *m)
{
	size_t width = 0;

	for (size_t i = 0; i < json_array_size(m->entries); i++)
		width += column_width(m, i);
	return width;
}

/* Columns are numbered if their names do not fit; if that is not enough, names of rows are cut. */
static void lay_out(struct matrix *m, const json_t *cases)
{
	size_t limit = m->style->columns > 0 ? (size_t)m->style->columns : SIZE_MAX, i;
	json_t *obj;

	m->name_width = NAME_MIN;
	json_array_foreach(cases, i, obj)
	{
		cleanup_free char *name = printable_json(json_object_get(obj, "scenario"), NULL);
		size_t width = INDENT + text_columns(name);

		if (width > m->name_width)
			m->name_width = width;
	}
	m->numbered = m->name_width + columns_width(m) > limit;
	if (m->name_width + columns_width(m) > limit) {
		size_t rest = limit - (columns_width(m) < limit ? columns_width(m) : limit);

		m->name_width = rest > NAME_MIN ? rest : NAME_MIN;
	}
}

static void print_header(const struct matrix *m, const char *module)
{
	cleanup_free char *name = printable(module, strlen(module), NULL);
	static const struct mark bold = {.colour = "1"};

	fputc('\n', m->out);
	paint(m->out, m->style, &bold, name);
	fputc('\n', m->out);
	put_cell(m->out, "", m->name_width);
	for (size_t i = 0; i < json_array_size(m->entries); i++) {
		cleanup_free char *head = m->numbered
		                              ? text_format("%zu", i + 1)
		                              : printable_json(json_array_get(m->entries, i), NULL);
		size_t width = column_width(m, i) - GAP;

		fprintf(m->out, "%*s", GAP, "");
		put_cell(m->out, head, width);
	}
	fputc('\n', m->out);
}

/* Prints the row of the cases [from, to). */
static void print_row(struct matrix *m, const json_t *cases, size_t from, size_t to)
{
	const json_t *first = json_array_get(cases, from);
	cleanup_free char *name = printable_json(json_object_get(first, "scenario"), NULL);
	size_t blank = 0; /* not printed yet: a row has no spaces at its end */

	fprintf(m->out, "%*s", INDENT, "");
	put_cell(m->out, name, m->name_width - INDENT);
	for (size_t i = 0; i < json_array_size(m->entries); i++) {
		const char *entry = json_string_value(json_array_get(m->entries, i));
		enum mark_id worst = MARK_NONE;

		for (size_t k = from; k < to; k++) {
			const json_t *obj = json_array_get(cases, k);

			if (!strcmp(text_of(obj, "entry"), entry) && mark_of(obj) > worst)
				worst = mark_of(obj);
		}
		m->used[worst] = true;
		blank += GAP;
		if (worst != MARK_NONE) {
			fprintf(m->out, "%*s", (int)blank, "");
			paint(m->out, m->style, &marks[worst], marks[worst].symbol);
			blank = 0;
		}
		blank += column_width(m, i) - GAP - (worst != MARK_NONE);
	}
	fputc('\n', m->out);
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
	return a && b && !strcmp(text_of(a, key), text_of(b, key));
}

static void print_legend(const struct matrix *m)
{
	fputc('\n', m->out);
	for (int id = MARK_COUNT - 1; id > MARK_NONE; id--) {
		if (!m->used[id])
			continue;
		paint(m->out, m->style, &marks[id], marks[id].symbol);
		fprintf(m->out, "  %s\n", marks[id].meaning);
	}
	for (size_t i = 0; m->numbered && i < json_array_size(m->entries); i++) {
		cleanup_free char *name = printable_json(json_array_get(m->entries, i), NULL);

		fprintf(m->out, "%zu  %s\n", i + 1, name);
	}
}

void print_matrix(FILE *out, const struct style *style, const json_t *cases)
{
	cleanup_json json_t *entries = collect_entries(cases);
	struct matrix m = {.out = out, .style = style, .entries = entries};
	const json_t *before = NULL;
	size_t n = json_array_size(cases);

	lay_out(&m, cases);
	for (size_t from = 0, to; from < n; from = to) {
		const json_t *obj = json_array_get(cases, from);
		bool new_module = !same(before, obj, "module");

		for (to = from + 1; to < n; to++) {
			const json_t *next = json_array_get(cases, to);

			if (!same(obj, next, "module") || !same(obj, next, "group") ||
			    !same(obj, next, "scenario"))
				break;
		}
		if (new_module)
			print_header(&m, text_of(obj, "module"));
		if (*text_of(obj, "group") && (new_module || !same(before, obj, "group"))) {
			cleanup_free char *group =
			    printable_json(json_object_get(obj, "group"), NULL);

			fprintf(out, "  %s\n", group);
		}
		print_row(&m, cases, from, to);
		before = obj;
	}
	if (n)
		print_legend(&m);
}
