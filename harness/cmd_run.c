/* pamlab run and pamlab audit. */
#include "candidate.h"
#include "run_options.h"
#include "verbs.h"

static int run(struct run_options *o, const char *log, void *arg, struct err **e)
{
	(void)log, (void)arg;
	return run_campaign(o, NULL, e);
}

int cmd_run(int argc, char **argv)
{
	return run_verb(argc, argv, &(struct run_verb){.act = run});
}

/* audit is run on every bundled module, with what is known to fail expected, shown as a table. */
static int audit(struct run_options *o, const char *log, void *arg, struct err **e)
{
	struct subject *s = &o->subject;

	(void)log, (void)arg;
	o->known = true;
	if (!o->format)
		o->format = report_format("table", e);
	if (!s->n_modules) {
		s->modules = candidate_names();
		while (s->modules[s->n_modules])
			s->n_modules++;
	}
	return run_campaign(o, NULL, e);
}

int cmd_audit(int argc, char **argv)
{
	return run_verb(argc, argv, &(struct run_verb){.act = audit});
}
