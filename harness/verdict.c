#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_PASS] = "pass",   [VERDICT_FAIL] = "fail", [VERDICT_WARN] = "warn",
    [VERDICT_INFO] = "info",   [VERDICT_SKIP] = "skip", [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_ERROR] = "error",
};

/* Replaces *text. */
static void say(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(char **text, const char *fmt, ...)
{
	char *old = *text;
	va_list ap;

	va_start(ap, fmt);
	*text = text_vformat(fmt, ap);
	va_end(ap);
	free(old);
}

static void add_evidence(struct judgement *out, const struct expectation *x,
                         const struct expect_result *r, const char *control)
{
	json_t *one = json_pack("{s:s, s:s, s:s, s:o, s:i}", "that", x->that, "observed",
	                        r->observed ? r->observed : "", "expected", r->expected, "holds",
	                        r->holds == UNKNOWN ? json_null() : json_boolean(r->holds == HOLDS),
	                        "line", (int)x->line);

	if (!one) /* only for text that is no UTF-8, which JSON cannot have held */
		return;
	if (control)
		json_object_set_new(one, "control", json_string(control));
	json_array_append_new(out->evidence, one);
}

/* Makes this expectation the one that decided. */
static void blame(struct judgement *out, const struct scenario *s, const struct expectation *x,
                  const struct expect_result *r)
{
	say(&out->observed, "%s: %s", x->that, r->observed);
	say(&out->expected, "%s: %s", x->that, r->expected);
	say(&out->because, "%s", x->because ? x->because : s->title);
	out->line = x->line;
}

char *verdict_skip_reason(const struct scenario *s, const struct contract *c)
{
	promise_set lacking = s->judges & ~c->gives;
	char *reason = NULL;

	for (int p = 0; p < PROMISES; p++)
		if (lacking & PROMISE_BIT(p)) {
			say(&reason, "%s does not promise %s", c->module, promises[p].name);
			break;
		}
	return reason;
}

/* --- controls ----------------------------------------------------------------------------------
 */

/* Returns false, with the judgement made, if the control does not show what the probe could see. */
static bool control_holds(const struct scenario *s, const char *name,
                          const struct expectation *list, unsigned n, const json_t *observations,
                          struct judgement *out)
{
	for (unsigned i = 0; i < n; i++) {
		struct expect_result r;
		bool holds;

		if (!observations) {
			out->verdict = VERDICT_INCONCLUSIVE;
			say(&out->reason, "the control '%s' was not run", name);
			return false;
		}
		expect_check(&list[i], observations, NULL, &r);
		holds = r.holds == HOLDS;
		add_evidence(out, &list[i], &r, name);
		if (!holds) {
			out->verdict = VERDICT_INCONCLUSIVE;
			blame(out, s, &list[i], &r);
			say(&out->reason,
			    "the control '%s' does not hold: of %s was expected %s, observed %s",
			    name, list[i].that, r.expected, r.observed);
		}
		expect_result_clear(&r);
		if (!holds)
			return false;
	}
	return true;
}

/* --- the case itself ---------------------------------------------------------------------------
 */

static bool is_true(const json_t *observations, const char *name)
{
	return observations && json_is_true(json_object_get(observations, name));
}

/* Does the observation depend on a session that ran? What the agent sees before and after, and what
 * the program that logs in did, does not. */
static bool of_session(const char *name)
{
	return strncmp(name, "host.before.", 12) != 0 && strncmp(name, "host.after.", 11) != 0 &&
	       strncmp(name, "entry.", 6) != 0;
}

/* A session that never began proves nothing good: a clean host after it is no merit. With several
 * logins the scenario itself says how many have to begin. */
static bool never_started(const struct scenario *s, const json_t *observations,
                          struct judgement *out)
{
	const json_t *status;

	if (!s->session_count || s->logins.count != 1 || is_true(observations, "session.started"))
		return false;
	status = observations ? json_object_get(observations, "entry.status") : NULL;
	out->verdict = VERDICT_FAIL;
	say(&out->reason, "the session program never ran, although it does without the module");
	if (json_is_integer(status))
		say(&out->observed, "the session program never ran; the entry ended with status %d",
		    (int)json_integer_value(status));
	else
		say(&out->observed, "the session program never ran");
	say(&out->expected, "a session that runs");
	say(&out->because, "%s", s->title);
	return true;
}

/* A login that was refused: nothing ran in it, and the program that logs in ended and said so. */
static bool was_refused(const struct scenario *s, const json_t *observations)
{
	const json_t *status = json_object_get(observations, "entry.status");

	if (!s->may_refuse || is_true(observations, "session.started") ||
	    is_true(observations, "entry.hung"))
		return false;
	return (json_is_integer(status) && json_integer_value(status) != 0) ||
	       json_is_integer(json_object_get(observations, "entry.signal"));
}

/* What can be seen only of a session that runs. */
static bool of_running(const char *name)
{
	return !strncmp(name, "session.", 8) || !strncmp(name, "host.during.", 12);
}

static enum verdict verdict_of_broken(enum scope scope, bool strict)
{
	if (scope == SCOPE_INFO)
		return VERDICT_INFO;
	return scope == SCOPE_MASK && !strict ? VERDICT_WARN : VERDICT_FAIL;
}

/* What an observation that is not there means, and why. */
static enum verdict verdict_of_unknown(const json_t *observations, const struct expect_result *r,
                                       char **reason)
{
	if (r->missing_in_control) {
		say(reason, "%s was not observed in the run without the module", r->missing);
		return VERDICT_INCONCLUSIVE;
	}
	if (of_session(r->missing) && !is_true(observations, "session.finished")) {
		say(reason, "the session program never ran to its end: %s was not observed",
		    r->missing);
		return VERDICT_FAIL;
	}
	say(reason, "the lab did not observe %s", r->missing);
	return VERDICT_ERROR;
}

/* What decides if several expectations do not hold: the higher rank. */
static int rank(enum verdict v)
{
	static const int ranks[VERDICT_COUNT] = {
	    [VERDICT_INFO] = 1,  [VERDICT_WARN] = 2, [VERDICT_INCONCLUSIVE] = 3,
	    [VERDICT_ERROR] = 4, [VERDICT_FAIL] = 5,
	};

	return ranks[v];
}

/* "NAME: VALUE; NAME: VALUE", of the case's own expectations: what was seen where nothing failed.
 */
static void summarize(const struct judgement *out, const char *key, char **text)
{
	size_t i;
	json_t *one;

	free(*text);
	*text = NULL;
	json_array_foreach(out->evidence, i, one)
	{
		const char *that = json_string_value(json_object_get(one, "that"));
		const char *value = json_string_value(json_object_get(one, key));

		if (json_object_get(one, "control"))
			continue;
		if (*text)
			say(text, "%s; %s: %s", *text, that, value);
		else
			say(text, "%s: %s", that, value);
	}
}

static void judge(const struct scenario *s, const json_t *observations,
                  const json_t *without_module, bool strict, struct judgement *out)
{
	bool refused = was_refused(s, observations);

	for (unsigned i = 0; i < s->expect_count; i++) {
		const struct expectation *x = &s->expect[i];
		cleanup_free char *reason = NULL;
		struct expect_result r;
		enum verdict v = VERDICT_PASS;

		if (refused && of_running(x->that))
			continue;
		expect_check(x, observations, without_module, &r);
		add_evidence(out, x, &r, NULL);
		if (r.holds == UNKNOWN) {
			v = verdict_of_unknown(observations, &r, &reason);
		} else if (r.holds == BROKEN) {
			v = verdict_of_broken(s->scope, strict);
			say(&reason, "of %s was expected %s, observed %s", x->that, r.expected,
			    r.observed);
		}
		if (rank(v) > rank(out->verdict)) {
			out->verdict = v;
			blame(out, s, x, &r);
			free(out->reason);
			out->reason = take_ptr(reason);
		}
		expect_result_clear(&r);
	}
	if (out->verdict == VERDICT_PASS && s->scope == SCOPE_INFO)
		out->verdict = VERDICT_INFO;
	if (out->verdict != VERDICT_PASS && out->verdict != VERDICT_INFO)
		return;
	summarize(out, "observed", &out->observed);
	summarize(out, "expected", &out->expected);
	if (refused)
		say(&out->reason, "the login was refused, as it may be here");
}

void verdict_decide(const struct scenario *s, const struct contract *c, const json_t *observations,
                    const json_t *outside, const json_t *without_module,
                    const struct run_outcome *run, bool strict, struct judgement *out)
{
	const char *text = run->text ? run->text : "no reason was given";

	*out = (struct judgement){.verdict = VERDICT_PASS, .evidence = json_array()};
	if (run->status == RUN_ERROR) {
		out->verdict = VERDICT_ERROR;
		say(&out->reason, "%s", text);
		return;
	}
	out->reason = run->status == RUN_SKIPPED ? strdup(text) : verdict_skip_reason(s, c);
	if (out->reason) {
		out->verdict = VERDICT_SKIP;
		return;
	}
	if (!control_holds(s, "outside", s->controls.outside, s->controls.outside_count, outside,
	                   out) ||
	    !control_holds(s, "without-module", s->controls.without_module,
	                   s->controls.without_module_count, without_module, out))
		return;
	if (run->status != RUN_DONE) {
		out->verdict = VERDICT_FAIL;
		say(&out->observed, "%s", text);
		say(&out->expected, "a login that ends, in a guest that survives it");
		say(&out->because, "%s", s->title);
		say(&out->reason, "%s: %s",
		    run->status == RUN_DEADLINE     ? "the login did not end"
		    : run->status == RUN_GUEST_DIED ? "the guest died"
		                                    : "the lab in the guest is broken, which it is "
		                                      "not without the module",
		    text);
		return;
	}
	if (was_refused(s, observations) || !never_started(s, observations, out))
		judge(s, observations, without_module, strict, out);
}

void judgement_clear(struct judgement *j)
{
	free(j->observed);
	free(j->expected);
	free(j->because);
	free(j->reason);
	json_decref(j->evidence);
	*j = (struct judgement){0};
}

/* --- known failures, counting ------------------------------------------------------------------
 */

void verdict_apply_known(const struct contract *c, const char *entry, const char *scenario,
                         struct judgement *j)
{
	const struct known_failure *k = contract_known(c, entry, scenario);

	if (!k)
		return;
	if (j->verdict == VERDICT_FAIL) {
		j->known = true;
		say(&j->reason, "known failure: %s", k->reason);
	} else if (j->verdict == VERDICT_PASS && !k->sometimes) {
		j->known = true;
		say(&j->reason, "known failure passes: remove it from the list (%s:%u)",
		    c->path ? c->path : c->module, k->line);
	}
}

void verdict_count(struct verdict_counts *counts, const struct judgement *j)
{
	if (j->known && j->verdict == VERDICT_FAIL)
		counts->known_failures++;
	else if (j->known)
		counts->unexpected_passes++;
	else
		counts->of[j->verdict]++;
}

json_t *verdict_counts_json(const struct verdict_counts *counts)
{
	json_t *obj = json_object();

	for (int v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(obj, verdict_names[v], json_integer(counts->of[v]));
	json_object_set_new(obj, "known", json_integer(counts->known_failures));
	json_object_set_new(obj, "unexpected_pass", json_integer(counts->unexpected_passes));
	return obj;
}

enum exit_status verdict_exit(const struct verdict_counts *counts)
{
	if (counts->of[VERDICT_FAIL] || counts->unexpected_passes)
		return EXIT_BROKEN;
	if (counts->of[VERDICT_ERROR] || counts->of[VERDICT_INCONCLUSIVE])
		return EXIT_LAB;
	return EXIT_HOLDS;
}
