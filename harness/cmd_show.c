/* pamlab show SCENARIO: what it asserts, why, and how that is found out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"
#include "promise.h"
#include "scenario.h"
#include "step.h"
#include "text.h"
#include "verbs.h"

enum { DEFAULT_COLUMNS = 80, MOST_COLUMNS = 100, INDENT = 2, DEEPER = 6 };

static int columns(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col < 40)
		return DEFAULT_COLUMNS;
	return w.ws_col < MOST_COLUMNS ? w.ws_col : MOST_COLUMNS;
}

/* Prints a text in lines that fit, each indented. */
static void print_wrapped(const char *text, int indent)
{
	int width = columns(), used = 0;

	while (*text) {
		int len = (int)strcspn(text, " \n");

		if (len && used && used + 1 + len > width) {
			putchar('\n');
			used = 0;
		}
		if (len)
			used += used ? printf(" %.*s", len, text)
			             : printf("%*s%.*s", indent, "", len, text);
		text += len;
		text += strspn(text, " \n");
	}
	putchar('\n');
}

static void print_words(const char *title, char *const *list, unsigned n, const char *none)
{
	if (!n && !none)
		return;
	printf("%s: ", title);
	for (unsigned i = 0; i < n; i++)
		printf("%s%s", i ? ", " : "", list[i]);
	puts(n ? "" : none);
}

static void print_expectations(const char *title, const struct expectation *list, unsigned n,
                               const struct scenario *s)
{
	if (!n)
		return;
	printf("\n%s\n", title);
	for (unsigned i = 0; i < n; i++) {
		cleanup_free char *what = expect_describe(&list[i]);
		cleanup_free char *line = text_format("%s: %s", list[i].that, what);

		print_wrapped(line, INDENT);
		if (list[i].because)
			print_wrapped(list[i].because, DEEPER);
		else if (list == s->expect)
			print_wrapped(s->title, DEEPER);
	}
}

static void print_steps(const char *title, const struct step *table, char *const *list, unsigned n)
{
	printf("\n%s\n", title);
	for (unsigned i = 0; i < n; i++) {
		const struct step *step = step_parse(table, list[i], NULL);

		printf("  %-14s %s\n", list[i], step ? step->about : "");
	}
}

static void print_run(const struct scenario *s)
{
	printf("Stage: / is mounted %s", s->stage.root_shared ? "shared" : "private");
	if (s->stage.position)
		printf("; the module's position in the stack: %s", s->stage.position);
	for (unsigned i = 0; i < s->stage.with_count; i++)
		for (const struct stage_setup *t = stage_setups; t->name; t++)
			if (!strcmp(t->name, s->stage.with[i]))
				printf("; %s", t->about);
	if (s->logins.count > 1)
		printf("; %u logins, each %llu ns later than the one before", s->logins.count,
		       (unsigned long long)s->logins.phase_ns);
	if (s->relogin)
		fputs("; then a second login", stdout);
	printf("; the last look is %llu ms after the end\n", (unsigned long long)s->settle_ms);
	fputs("Schedules:", stdout);
	for (unsigned i = 0; i < s->shifts_count; i++)
		printf("%s %u ns an instruction", i ? "," : "", 1U << s->shifts[i]);
	puts("");
	if (s->session_count)
		print_steps("The session's program", session_steps, s->session, s->session_count);
	else
		puts("\nNo program is run in the session.");
	if (s->during_count)
		print_steps("Meanwhile, from outside", during_steps, s->during, s->during_count);
}

static void print_scenario(const struct scenario *s)
{
	printf("%s (%s, %s)\n", s->name, s->group, scope_names[s->scope]);
	print_wrapped(s->title, INDENT);
	puts("");
	print_wrapped(s->why, 0);
	puts("");
	print_words("Judged for modules that promise", s->promises, s->promises_count,
	            "nothing in particular: every module is judged");
	print_words("Entries", s->entries, s->entries_count, "all");
	if (s->kernels.from || s->kernels.before)
		printf("Kernels: %s%s%s%s\n", s->kernels.from ? "from " : "",
		       s->kernels.from ? s->kernels.from : "", s->kernels.before ? " before " : "",
		       s->kernels.before ? s->kernels.before : "");
	print_run(s);
	print_expectations("Expected", s->expect, s->expect_count, s);
	print_expectations("Control: outside any login, as the same user", s->controls.outside,
	                   s->controls.outside_count, s);
	print_expectations("Control: the same login without the module", s->controls.without_module,
	                   s->controls.without_module_count, s);
	puts("");
	print_words("Sources", s->sources, s->sources_count, NULL);
	print_words("Catalogue", s->catalogue, s->catalogue_count, NULL);
	printf("File: %s:%u\n", s->path, s->line);
}

static int show(const char *name, struct err **e)
{
	cleanup_free char *dir = path_home("scenarios");
	cleanup_free bool *chosen = NULL;
	struct scenario **list;
	bool first = true;
	size_t n;
	int rc;

	if (scenarios_load_all(dir, &list, &n, e) < 0)
		return -1;
	chosen = calloc(n, sizeof(*chosen));
	if (!chosen)
		abort();
	rc = scenarios_select(list, n, name, chosen, e);
	for (size_t i = 0; i < n; i++) {
		if (!chosen[i])
			continue;
		if (!first)
			puts("\n");
		print_scenario(list[i]);
		first = false;
	}
	scenarios_free(list, n);
	return rc;
}

int cmd_show(int argc, char **argv)
{
	struct err *e = NULL;

	if (argc != 2 || argv[1][0] == '-') {
		err_usage(&e,
		          "show: give one scenario by name, such as `pamlab show process-list`; "
		          "`pamlab list` names them");
		return err_report(&e);
	}
	if (show(argv[1], &e) < 0)
		return err_report(&e);
	return EXIT_HOLDS;
}
