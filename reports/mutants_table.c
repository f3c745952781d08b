/* The matrix of `pamlab mutants`: a row for each module, a column for each scenario. */
#include "mutants_table.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "mark.h"
#include "printable.h"

/* What is said of each scenario on each module: rows of `n_columns` marks. */
struct matrix {
	json_t *rows;    /* module: its number, in the order of their first cases */
	json_t *columns; /* scenario: its number */
	const struct scenario **scenarios;
	size_t n_columns;
	enum mark_id *cells;
};

static int place(json_t *numbers, const json_t *line, const char *key)
{
	const char *name = json_string_value(json_object_get(line, key));
	const json_t *number = name ? json_object_get(numbers, name) : NULL;

	return number ? (int)json_integer_value(number) : -1;
}

static void add_name(json_t *numbers, const char *name)
{
	if (name && !json_object_get(numbers, name))
		json_object_set_new(numbers, name,
		                    json_integer((json_int_t)json_object_size(numbers)));
}

/* The columns are the scenarios that any case is of, in the order of the scenarios. */
static void find_columns(struct matrix *t, const struct mutants *m, const json_t *cases)
{
	cleanup_json json_t *seen = json_object();
	json_t *line;
	size_t i;

	json_array_foreach(cases, i, line)
	    add_name(seen, json_string_value(json_object_get(line, "scenario")));
	t->scenarios = calloc(m->n_scenarios + 1, sizeof(*t->scenarios));
	if (!t->scenarios)
		abort();
	for (i = 0; i < m->n_scenarios; i++) {
		if (!json_object_get(seen, m->scenarios[i]->name))
			continue;
		t->scenarios[t->n_columns++] = m->scenarios[i];
		add_name(t->columns, m->scenarios[i]->name);
	}
}

/* Of several cases (schedules, entries) the one that says most. */
static void fill(struct matrix *t, const struct mutants *m, const json_t *cases)
{
	json_t *line;
	size_t i;

	*t = (struct matrix){.rows = json_object(), .columns = json_object()};
	find_columns(t, m, cases);
	json_array_foreach(cases, i, line)
	    add_name(t->rows, json_string_value(json_object_get(line, "module")));
	t->cells = calloc(json_object_size(t->rows) * t->n_columns + 1, sizeof(*t->cells));
	if (!t->cells)
		abort();
	json_array_foreach(cases, i, line)
	{
		int row = place(t->rows, line, "module");
		int column = place(t->columns, line, "scenario");
		enum mark_id mark = mark_of(line);

		if (row >= 0 && column >= 0 && mark > t->cells[row * t->n_columns + column])
			t->cells[row * t->n_columns + column] = mark;
	}
}

static void clear(struct matrix *t)
{
	json_decref(t->rows);
	json_decref(t->columns);
	free(t->scenarios);
	free(t->cells);
}

static void print_list(FILE *out, const char *title, const json_t *list)
{
	json_t *text;
	size_t i;

	if (json_array_size(list))
		fprintf(out, "\n%s\n", title);
	json_array_foreach(list, i, text)
	{
		cleanup_free char *shown = printable_json(text, NULL);

		fprintf(out, "  %s\n", shown);
	}
}

static void print_numbers(FILE *out, int width, size_t n)
{
	for (unsigned divisor = 100; divisor; divisor /= 10) {
		if (n < divisor && divisor > 1)
			continue;
		fprintf(out, "%*s ", width, "");
		for (size_t c = 1; c <= n; c++)
			fputc(c >= divisor ? '0' + (int)(c / divisor % 10) : ' ', out);
		fputc('\n', out);
	}
}

static void print_rows(FILE *out, const struct matrix *t, int width)
{
	const enum mark_id *cell = t->cells;
	const char *module;
	json_t *number;

	json_object_foreach(t->rows, module, number)
	{
		cleanup_free char *name = printable(module, strlen(module), NULL);

		fprintf(out, "%-*s ", width, name);
		for (size_t c = 0; c < t->n_columns; c++)
			fputs(marks[*cell++].symbol, out);
		fputc('\n', out);
	}
}

void print_mutants(FILE *out, const struct mutants *m, const json_t *cases,
                   const struct mutants_result *r)
{
	struct matrix t;
	const char *module;
	json_t *number;
	int width = 0;

	fill(&t, m, cases);
	json_object_foreach(t.rows, module, number) if ((int)strlen(module) > width) width =
	    (int)strlen(module);
	print_numbers(out, width, t.n_columns);
	print_rows(out, &t, width);
	fprintf(out, "\nF  broken   w  broken, of scope mask   .  holds   i  information\n"
	             "-  skipped  ?  inconclusive           E  error of the lab\n\n");
	for (size_t i = 0; i < t.n_columns; i++)
		fprintf(out, "%3zu  %-12s %-4s  %s\n", i + 1, t.scenarios[i]->group,
		        scope_names[t.scenarios[i]->scope], t.scenarios[i]->name);
	print_list(out, "Fixtures that are not caught by what they name:", r->uncaught);
	print_list(out, "Modules that are right, and are judged otherwise:", r->false_alarms);
	print_list(out, "Holes: scenarios that trip on no fixture:", r->holes);
	print_list(out,
	           "Said to be unbreakable, and broken (scenarios/unbreakable.yaml):", r->outdated);
	print_list(out, "Not decided:", r->undecided);
	fprintf(out, "\n%zu cases, %zu modules, %zu scenarios: %s\n", json_array_size(cases),
	        json_object_size(t.rows), t.n_columns,
	        mutants_exit(r) == EXIT_HOLDS ? "no hole" : "see above");
	clear(&t);
}
