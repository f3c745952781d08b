#include "scenario_check.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "observation.h"
#include "stack.h"
#include "step.h"
#include "suggest.h"

enum { MOST_SHIFT = 10 }; /* QEMU: -icount shift=N, 2^N ns an instruction, N up to 10 */

/* Sets *e to "FILE:LINE: unknown WHAT 'NAME'; did you mean ...? / expected one of ...". */
static int fail_unknown(const struct yaml_doc *doc, const yaml_node_t *at, const char *what,
                        const char *name, const char *const *names, struct err **e)
{
	const char *near = suggest(name, names);
	char all[512] = "";

	if (near)
		return yaml_fail(doc, at, e, "unknown %s '%s'; did you mean '%s'?", what, name,
		                 near);
	for (; *names; names++) {
		strncat(all, *all ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, *names, sizeof(all) - strlen(all) - 1);
	}
	return yaml_fail(doc, at, e, "unknown %s '%s'; expected one of: %s", what, name, all);
}

/* Puts "FILE:LINE: " before an error that another file's check made. */
static int fail_at(const struct yaml_doc *doc, const yaml_node_t *at, struct err **e)
{
	return err_wrap(e, "%s:%u", doc->path, yaml_line(at));
}

static bool in_table(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* --- reading matchers --------------------------------------------------------------------------
 */

static bool is_list(const json_t *v)
{
	return json_is_array(v) && json_array_size(v);
}

/* What the matcher's value has to be; NULL if it is that. */
static const char *value_wanted(enum matcher m, const json_t *v)
{
	switch (m) {
	case MATCH_EMPTY:
		return json_is_boolean(v) ? NULL : "`true` or `false`";
	case MATCH_INCLUDES:
	case MATCH_EXCLUDES:
	case MATCH_WITHIN:
		return is_list(v) ? NULL : "a list with something in it";
	case MATCH_AT_MOST:
	case MATCH_AT_LEAST:
		return json_is_number(v) ? NULL : "a number";
	case MATCH_SAME_AS:
	case MATCH_DIFFERS_FROM:
		return json_is_string(v) ? NULL : "the name of an observation";
	case MATCH_AS_WITHOUT_MODULE:
		return json_is_true(v) ? NULL : "`true`";
	default:
		return v ? NULL : "a value, or a list of values";
	}
}

static int read_matcher(const struct yaml_doc *doc, const yaml_node_t *node, struct expectation *x,
                        struct err **e)
{
	const yaml_node_t *found = NULL;
	const char *wanted;

	x->line = yaml_line(node);
	for (int m = 0; m < MATCHERS; m++) {
		const yaml_node_t *at = yaml_get(doc, node, matcher_names[m]);

		if (!at)
			continue;
		if (found)
			return yaml_fail(doc, at, e,
			                 "two matchers in one expectation, '%s' and '%s': write "
			                 "two expectations",
			                 matcher_names[x->matcher], matcher_names[m]);
		found = at;
		x->matcher = m;
	}
	if (!found)
		return yaml_fail(
		    doc, node, e,
		    "nothing is expected of '%s': a matcher is missing, such as `equals: 7`",
		    x->that);
	x->value = yaml_json(doc, found);
	wanted = value_wanted(x->matcher, x->value);
	if (wanted)
		return yaml_fail(doc, found, e, "'%s' takes %s", matcher_names[x->matcher], wanted);
	return 0;
}

static int read_list(const struct yaml_doc *doc, const yaml_node_t *list, struct expectation *x,
                     unsigned n, struct err **e)
{
	for (unsigned i = 0; i < n; i++)
		if (read_matcher(doc, yaml_item(doc, list, i), &x[i], e) < 0)
			return -1;
	return 0;
}

int scenario_read_expectations(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc), *controls = yaml_get(doc, root, "controls");

	if (read_list(doc, yaml_get(doc, root, "expect"), s->expect, s->expect_count, e) < 0 ||
	    read_list(doc, yaml_get(doc, controls, "outside"), s->controls.outside,
	              s->controls.outside_count, e) < 0)
		return -1;
	return read_list(doc, yaml_get(doc, controls, "without-module"), s->controls.without_module,
	                 s->controls.without_module_count, e);
}

/* --- expectations ------------------------------------------------------------------------------
 */

static bool only_entry(const struct scenario *s, const char *name)
{
	return s->entries_count == 1 && !strcmp(s->entries[0], name);
}

static bool provides(const struct scenario *s, const char *needs)
{
	if (!needs)
		return true;
	if (!strcmp(needs, "session"))
		return s->session_count > 0;
	if (!strcmp(needs, "logins"))
		return s->logins.count > 1;
	if (!strcmp(needs, "caller")) /* or one of its variants */
		return s->entries_count == 1 && !strncmp(s->entries[0], needs, strlen(needs));
	if (entry_find(needs))
		return only_entry(s, needs);
	if (!strcmp(needs, "relogin"))
		return s->relogin;
	return scenario_has_step(s, needs) || scenario_has_action(s, needs);
}

static int check_observation(const struct yaml_doc *doc, const struct scenario *s,
                             const yaml_node_t *at, const char *name, struct err **e)
{
	const struct observation *o = observation_find(name);
	const char *near;

	if (!o) {
		near = observation_suggest(name);
		if (near)
			return yaml_fail(doc, at, e, "unknown observation '%s'; did you mean '%s'?",
			                 name, near);
		return yaml_fail(doc, at, e,
		                 "unknown observation '%s'; `pamlab list observations` names them",
		                 name);
	}
	if (!provides(s, o->needs))
		return yaml_fail(doc, at, e, "'%s' is never observed here: it needs '%s'", name,
		                 o->needs);
	return 0;
}

/* A matcher that does not fit the observation's type could never hold, or never fail. */
static bool fits(const struct observation *o, enum matcher m)
{
	switch (m) {
	case MATCH_EMPTY:
	case MATCH_INCLUDES:
	case MATCH_EXCLUDES:
		return o->type == OBS_LIST || o->type == OBS_STRING;
	case MATCH_AT_MOST:
	case MATCH_AT_LEAST:
		return o->type == OBS_NUMBER;
	default:
		return true;
	}
}

static int check_expectation(const struct yaml_doc *doc, const struct scenario *s,
                             const yaml_node_t *node, const struct expectation *x, bool control,
                             struct err **e)
{
	const yaml_node_t *that = yaml_get(doc, node, "that");
	const yaml_node_t *value = yaml_get(doc, node, matcher_names[x->matcher]);
	const struct observation *o;

	if (check_observation(doc, s, that, x->that, e) < 0)
		return -1;
	o = observation_find(x->that);
	if (!fits(o, x->matcher))
		return yaml_fail(doc, value, e, "'%s' does not fit '%s', which is %s",
		                 matcher_names[x->matcher], x->that,
		                 observation_type_name(o->type));
	if (x->matcher == MATCH_AS_WITHOUT_MODULE && control)
		return yaml_fail(doc, value, e,
		                 "a control is compared with nothing: give the value");
	if (x->matcher != MATCH_SAME_AS && x->matcher != MATCH_DIFFERS_FROM)
		return 0;
	if (!strcmp(json_string_value(x->value), x->that))
		return yaml_fail(doc, value, e, "'%s' is compared with itself", x->that);
	return check_observation(doc, s, value, json_string_value(x->value), e);
}

static int check_list(const struct yaml_doc *doc, const struct scenario *s, const yaml_node_t *list,
                      const struct expectation *x, unsigned n, bool control, struct err **e)
{
	for (unsigned i = 0; i < n; i++)
		if (check_expectation(doc, s, yaml_item(doc, list, i), &x[i], control, e) < 0)
			return -1;
	return 0;
}

static int check_expectations(const struct yaml_doc *doc, const struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc), *controls = yaml_get(doc, root, "controls");
	const yaml_node_t *expect = yaml_get(doc, root, "expect");

	if (!s->expect_count)
		return yaml_fail(
		    doc, expect, e,
		    "'expect' is empty: it would hold whatever happens; expect something");
	if (check_list(doc, s, expect, s->expect, s->expect_count, false, e) < 0 ||
	    check_list(doc, s, yaml_get(doc, controls, "outside"), s->controls.outside,
	               s->controls.outside_count, true, e) < 0)
		return -1;
	return check_list(doc, s, yaml_get(doc, controls, "without-module"),
	                  s->controls.without_module, s->controls.without_module_count, true, e);
}

/* --- everything else ---------------------------------------------------------------------------
 */

static int check_name(const struct yaml_doc *doc, const struct scenario *s, struct err **e)
{
	const yaml_node_t *at = yaml_get(doc, yaml_root(doc), "name");
	cleanup_free char *copy = strdup(s->path);
	char *base = basename(copy);

	if (s->name[strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return yaml_fail(doc, at, e, "the name '%s': only a-z, 0-9 and - are allowed",
		                 s->name);
	if (strlen(base) != strlen(s->name) + strlen(".yaml") ||
	    strncmp(base, s->name, strlen(s->name)) != 0)
		return yaml_fail(doc, at, e, "the scenario '%s' should be in a file named %s.yaml",
		                 s->name, s->name);
	return 0;
}

static const yaml_node_t *node_of(const struct yaml_doc *doc, const char *mapping, const char *key)
{
	return yaml_get(doc, yaml_get(doc, yaml_root(doc), mapping), key);
}

static int check_version(const struct yaml_doc *doc, const yaml_node_t *at, const char *text,
                         struct err **e)
{
	unsigned major, minor;
	char rest;

	if (!text || sscanf(text, "%u.%u%c", &major, &minor, &rest) == 2)
		return 0;
	return yaml_fail(doc, at, e, "a kernel is given as MAJOR.MINOR, such as \"6.9\"");
}

static int check_stage(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	static const char *const roots[] = {"private", "shared", NULL};
	struct stage *stage = &s->stage;

	if (s->vary && (stage->root || stage->position || stage->with_count))
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "stage"), e,
		                 "a scenario that varies has no stage of its own");
	if (stage->root && !in_table(roots, stage->root))
		return fail_unknown(doc, node_of(doc, "stage", "root"), "propagation of /",
		                    stage->root, roots, e);
	stage->root_shared = stage->root && !strcmp(stage->root, "shared");
	if (stage->position && !in_table(stack_positions, stage->position))
		return fail_unknown(doc, node_of(doc, "stage", "position"), "position",
		                    stage->position, stack_positions, e);
	for (unsigned i = 0; i < stage->with_count; i++)
		if (!in_table(stage_setup_names(), stage->with[i]))
			return fail_unknown(doc, yaml_item(doc, node_of(doc, "stage", "with"), i),
			                    "stage", stage->with[i], stage_setup_names(), e);
	return 0;
}

static int check_words(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc);
	const char *names[32] = {NULL};

	for (size_t i = 0; groups[i].name; i++)
		names[i] = groups[i].name;
	if (!in_table(names, s->group))
		return fail_unknown(doc, yaml_get(doc, root, "group"), "group", s->group, names, e);
	if (!in_table(scope_names, s->scope_name))
		return fail_unknown(doc, yaml_get(doc, root, "scope"), "scope", s->scope_name,
		                    scope_names, e);
	for (int i = 0; i < SCOPES; i++)
		if (!strcmp(s->scope_name, scope_names[i]))
			s->scope = i;
	if (check_version(doc, node_of(doc, "kernels", "from"), s->kernels.from, e) < 0 ||
	    check_version(doc, node_of(doc, "kernels", "before"), s->kernels.before, e) < 0)
		return -1;
	if (s->fault && !in_table(fault_names, s->fault))
		return fail_unknown(doc, yaml_get(doc, root, "fault"), "fault", s->fault,
		                    fault_names, e);
	return check_stage(doc, s, e);
}

static int check_lists(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc), *list = yaml_get(doc, root, "promises");

	for (unsigned i = 0; i < s->promises_count; i++) {
		int p = promise_find(s->promises[i]);

		if (p < 0)
			return fail_unknown(doc, yaml_item(doc, list, i), "promise", s->promises[i],
			                    promise_names(), e);
		s->judges |= PROMISE_BIT(p);
	}
	list = yaml_get(doc, root, "entries");
	for (unsigned i = 0; i < s->entries_count; i++)
		if (entry_check(s->entries[i], e) < 0)
			return fail_at(doc, yaml_item(doc, list, i), e);
	list = yaml_get(doc, root, "shifts");
	for (unsigned i = 0; i < s->shifts_count; i++)
		if (s->shifts[i] > MOST_SHIFT)
			return yaml_fail(
			    doc, yaml_item(doc, list, i), e,
			    "a shift is a number from 0 to %d (2^shift ns an instruction)",
			    MOST_SHIFT);
	if (!s->logins.count || s->logins.count > 1000)
		return yaml_fail(doc, yaml_get(doc, yaml_get(doc, root, "logins"), "count"), e,
		                 "the number of logins goes from 1 to 1000");
	return 0;
}

static int check_steps(const struct yaml_doc *doc, const struct scenario *s, struct err **e)
{
	const yaml_node_t *root = yaml_root(doc), *list = yaml_get(doc, root, "session");
	unsigned holds = 0;

	for (unsigned i = 0; i < s->session_count; i++) {
		const struct step *step = step_parse(session_steps, s->session[i], e);

		if (!step)
			return fail_at(doc, yaml_item(doc, list, i), e);
		if (step->flags & STEP_LAST && i + 1 < s->session_count)
			return yaml_fail(doc, yaml_item(doc, list, i + 1), e,
			                 "nothing can follow the step '%s'", s->session[i]);
		holds += !strcmp(step->name, "hold");
		if (holds > 1)
			return yaml_fail(doc, yaml_item(doc, list, i), e,
			                 "a session holds once: the agent looks at it once");
	}
	if (!s->session_count && !only_entry(s, "pamtester") && !only_entry(s, "sshd-forward"))
		return yaml_fail(
		    doc, list, e,
		    "an empty session fits `entries: [pamtester]` or `[sshd-forward]` only: "
		    "every other entry runs a program");
	list = yaml_get(doc, root, "during");
	for (unsigned i = 0; i < s->during_count; i++)
		if (!step_parse(during_steps, s->during[i], e))
			return fail_at(doc, yaml_item(doc, list, i), e);
	if (s->during_count && !holds)
		return yaml_fail(doc, list, e, "'during' needs the step `hold` in the session");
	return 0;
}

int scenario_check(const struct yaml_doc *doc, struct scenario *s, struct err **e)
{
	if (check_name(doc, s, e) < 0 || check_words(doc, s, e) < 0 || check_lists(doc, s, e) < 0 ||
	    check_steps(doc, s, e) < 0)
		return -1;
	return check_expectations(doc, s, e);
}
