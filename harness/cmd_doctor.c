/* pamlab doctor: what is here and what is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "err.h"
#include "reporter.h"
#include "verbs.h"

static void show(const struct style *style, const char *name, const struct finding *f)
{
	static const struct {
		const char *word, *colour;
	} states[] = {
	    [FINDING_OK] = {"ok", "32"},
	    [FINDING_NOTE] = {"note", "33"},
	    [FINDING_MISSING] = {"MISSING", "1;31"},
	};

	if (style->colour)
		printf("\x1b[%sm%-8s\x1b[0m", states[f->state].colour, states[f->state].word);
	else
		printf("%-8s", states[f->state].word);
	printf(" %-11s %s\n", name, f->text);
	fflush(stdout);
}

int cmd_doctor(int argc, char **argv)
{
	struct style style = style_of(stdout);
	struct err *e = NULL;
	size_t missing = 0;

	if (argc > 1) {
		err_usage(&e, "doctor takes no arguments, and got %s; see pamlab(1)", argv[1]);
		return err_report(&e);
	}
	for (size_t i = 0; i < check_count; i++) {
		struct finding f;

		if (style.tty && !strcmp(checks[i].name, "kvm")) {
			fputs("         kvm         starting a guest, at most 10 s ...\r", stdout);
			fflush(stdout);
		}
		f = checks[i].look();
		if (style.tty)
			fputs("\x1b[K", stdout);
		missing += f.state == FINDING_MISSING;
		show(&style, checks[i].name, &f);
		free(f.text);
	}
	if (missing)
		printf("\n%zu missing: what each is for, and how to get it, is said above\n",
		       missing);
	return missing ? EXIT_LAB : EXIT_HOLDS;
}
