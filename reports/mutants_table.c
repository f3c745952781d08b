/* The matrix of `pamlab mutants`: a row for each module, a column for each scenario. */
#include "mutants_table.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

/* The modules in the order of their first case: the order in which they were named. */
static json_t *find_modules(const json_t *cases)
{
	json_t *names = json_array(), *line, *known;
	size_t i, k;

	json_array_foreach(cases, i, line)
	{
		json_t *name = json_object_get(line, "module");
		bool found = false;

		json_array_foreach(names, k, known) found |= json_equal(known, name);
		if (!found)
			json_array_append(names, name);
	}
	return names;
}

static int symbol_rank(char c)
{
	static const char order[] = " -.iwE?F";

	return (int)(strchr(order, c) - order);
}

static char symbol_of(const json_t *line)
{
	static const struct {
		const char *verdict;
		char symbol;
	} symbols[] = {{"pass", '.'}, {"fail", 'F'},  {"warn", 'w'},        {"info", 'i'},
	               {"skip", '-'}, {"error", 'E'}, {"inconclusive", '?'}};

	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		if (!strcmp(symbols[i].verdict, text_of(line, "verdict")))
			return symbols[i].symbol;
	return 'E';
}

/* Of several cases (schedules, entries) the one that says most. */
static char cell(const json_t *cases, const char *module, const char *scenario)
{
	char worst = ' ';
	json_t *line;
	size_t i;

	json_array_foreach(cases, i, line) if (!strcmp(text_of(line, "module"), module) &&
	                                       !strcmp(text_of(line, "scenario"), scenario) &&
	                                       symbol_rank(symbol_of(line)) > symbol_rank(worst))
	    worst = symbol_of(line);
	return worst;
}

static bool any_case(const json_t *cases, const char *scenario)
{
	json_t *line;
	size_t i;

	json_array_foreach(cases, i,
	                   line) if (!strcmp(text_of(line, "scenario"), scenario)) return true;
	return false;
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

static void print_rows(FILE *out, const json_t *modules, const json_t *cases, int width,
                       const struct scenario *const *columns, size_t n)
{
	json_t *module;
	size_t i;

	json_array_foreach(modules, i, module)
	{
		cleanup_free char *name = printable_json(module, NULL);

		fprintf(out, "%-*s ", width, name);
		for (size_t c = 0; c < n; c++)
			fputc(cell(cases, json_string_value(module), columns[c]->name), out);
		fputc('\n', out);
	}
}

void print_mutants(FILE *out, const struct mutants *m, const json_t *cases,
                   const struct mutants_result *r)
{
	cleanup_free const struct scenario **columns = calloc(m->n_scenarios + 1, sizeof(*columns));
	cleanup_json json_t *modules = find_modules(cases);
	json_t *module;
	size_t n = 0, i;
	int width = 0;

	if (!columns)
		abort();
	for (i = 0; i < m->n_scenarios; i++)
		if (any_case(cases, m->scenarios[i]->name))
			columns[n++] = m->scenarios[i];
	json_array_foreach(modules, i, module) if ((int)json_string_length(module) > width) width =
	    (int)json_string_length(module);
	print_numbers(out, width, n);
	print_rows(out, modules, cases, width, columns, n);
	fprintf(out, "\nF  broken   w  broken, of scope mask   .  holds   i  information\n"
	             "-  skipped  ?  inconclusive           E  error of the lab\n\n");
	for (i = 0; i < n; i++)
		fprintf(out, "%3zu  %-12s %-4s  %s\n", i + 1, columns[i]->group,
		        scope_names[columns[i]->scope], columns[i]->name);
	print_list(out, "Fixtures that are not caught by what they name:", r->uncaught);
	print_list(out, "Modules that are right, and are judged otherwise:", r->false_alarms);
	print_list(out, "Holes: scenarios that trip on no fixture:", r->holes);
	print_list(out,
	           "Said to be unbreakable, and broken (scenarios/unbreakable.yaml):", r->outdated);
	print_list(out, "Not decided:", r->undecided);
	fprintf(out, "\n%zu cases, %zu modules, %zu scenarios: %s\n", json_array_size(cases),
	        json_array_size(modules), n,
	        mutants_exit(r) == EXIT_HOLDS ? "no hole" : "see above");
}
