/* pamlab run and pamlab audit. */
#include <string.h>

#include "candidate.h"
#include "err.h"
#include "run_options.h"
#include "stop.h"
#include "verbs.h"

int cmd_run(int argc, char **argv)
{
	struct run_options o;
	struct err *e = NULL;
	int status;

	stop_install();
	status = run_options_parse(argc, argv, &o, &e);
	if (status == 0)
		status = run_campaign(&o, NULL, &e);
	else if (status == 1)
		status = EXIT_HOLDS;
	run_options_free(&o);
	return status < 0 ? (int)err_report(&e) : status;
}

/* audit is run on every bundled module, with what is known to fail expected, shown as a table. */
int cmd_audit(int argc, char **argv)
{
	char **bundled = candidate_names();
	struct run_options o;
	struct err *e = NULL;
	int status;

	stop_install();
	status = run_options_parse(argc, argv, &o, &e);
	if (status == 1) {
		status = EXIT_HOLDS;
	} else if (status == 0) {
		char **named = o.modules;
		size_t n = o.n_modules;

		o.known = true;
		if (!o.format)
			o.format = report_format("table", &e);
		if (!n) {
			o.modules = bundled;
			while (o.modules[o.n_modules])
				o.n_modules++;
		}
		status = run_campaign(&o, NULL, &e);
		o.modules = named;
		o.n_modules = n;
	}
	run_options_free(&o);
	candidate_names_free(&bundled);
	return status < 0 ? (int)err_report(&e) : status;
}
