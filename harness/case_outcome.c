#include "case_outcome.h"

/* The agent's fault is the module's doing if the same login without the module had none: a module
 * is root in its guest and can take away whatever the agent needs. */
static struct run_outcome outcome_of_fault(const struct test_case *t)
{
	const struct run *own = &t->own->run;
	const struct planned_run *without = t->without.run;
	bool good_without = t->without.kept || (without && without->run.end == GUEST_DONE);

	if (!t->candidate->file || !good_without)
		return (struct run_outcome){RUN_ERROR, own->why};
	return (struct run_outcome){RUN_GUEST_BROKEN, own->why};
}

struct run_outcome case_outcome(const struct test_case *t)
{
	const struct run *r = &t->own->run;

	switch (r->end) {
	case GUEST_DONE:
		return (struct run_outcome){RUN_DONE, NULL};
	case GUEST_DEADLINE:
		return (struct run_outcome){RUN_DEADLINE, r->why};
	case GUEST_DIED:
	case GUEST_HUNG:
	case GUEST_FLOODED:
		return (struct run_outcome){RUN_GUEST_DIED, r->why};
	case GUEST_FAULT:
		return outcome_of_fault(t);
	default:
		return (struct run_outcome){RUN_ERROR, r->why};
	}
}

const json_t *case_control_observations(const struct case_control *c, struct run_outcome *outcome)
{
	if (!c->run)
		return c->kept;
	if (c->run->run.end == GUEST_LAB || c->run->run.end == GUEST_FAULT)
		*outcome = (struct run_outcome){RUN_ERROR, c->run->run.why};
	return c->run->run.observations;
}
