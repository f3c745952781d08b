#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "printable.h"
#include "text.h"
#include "verbs.h"

void compare_note(json_t *notes, char *text)
{
	json_array_append_new(notes, json_text(text, strlen(text)));
	free(text);
}

json_t *compare_find(json_t *findings, const char *kind, bool regression,
                     const struct result_case *c, char *text)
{
	json_t *f =
	    json_pack("{s:s, s:b, s:o, s:o}", "kind", kind, "regression", regression, "case",
	              json_text(c->id, strlen(c->id)), "text", json_text(text, strlen(text)));

	if (c->file)
		json_object_set_new(f, "file", json_text(c->file, strlen(c->file)));
	if (c->file && c->line > 0)
		json_object_set_new(f, "line", json_integer(c->line));
	json_array_append_new(findings, f);
	free(text);
	return f;
}

/* What a verdict says of the property. */
enum standing { GOOD, MASKED, BAD, UNDECIDED, UNJUDGED };

static enum standing standing_of(const struct result_case *c)
{
	static const enum standing of[VERDICT_COUNT] = {
	    [VERDICT_PASS] = GOOD,       [VERDICT_INFO] = GOOD,
	    [VERDICT_WARN] = MASKED,     [VERDICT_FAIL] = BAD,
	    [VERDICT_ERROR] = UNDECIDED, [VERDICT_INCONCLUSIVE] = UNDECIDED,
	    [VERDICT_SKIP] = UNJUDGED,
	};

	return of[c->verdict];
}

/* From where (rows) to where: what it is called, and whether it is worse. Staying is no finding,
 * but for a case that cannot be decided again. */
static const struct {
	const char *kind;
	bool regression;
} steps[5][5] = {
    [GOOD] = {[MASKED] = {"worse", true},
              [BAD] = {"new-failure", true},
              [UNDECIDED] = {"undecided", true},
              [UNJUDGED] = {"not-judged", true}},
    [MASKED] = {[GOOD] = {"fixed", false},
                [BAD] = {"new-failure", true},
                [UNDECIDED] = {"undecided", true},
                [UNJUDGED] = {"not-judged", true}},
    [BAD] = {[GOOD] = {"fixed", false},
             [MASKED] = {"better", false},
             [UNDECIDED] = {"undecided", true},
             [UNJUDGED] = {"not-judged", true}},
    [UNDECIDED] = {[GOOD] = {"decided", false},
                   [MASKED] = {"worse", true},
                   [BAD] = {"new-failure", true},
                   [UNJUDGED] = {"not-judged", false}},
    [UNJUDGED] = {[GOOD] = {"judged", false},
                  [MASKED] = {"judged", false},
                  [BAD] = {"new-failure", true},
                  [UNDECIDED] = {"undecided", true}},
};

static void set_verdicts(json_t *finding, const struct result_case *base,
                         const struct result_case *now)
{
	if (base)
		json_object_set_new(finding, "base", json_string(verdict_names[base->verdict]));
	if (now)
		json_object_set_new(finding, "new", json_string(verdict_names[now->verdict]));
}

/* What the list of known failures, or the module's contract, says of the case. True if that settles
 * what its verdict means. */
static bool compare_known(const struct result_case *base, const struct result_case *now,
                          const struct compare_rules *rules, json_t *findings)
{
	const struct known_entry *k = known_find(rules->known, now->name);
	bool broken = standing_of(now) == BAD, holds = now->verdict == VERDICT_PASS;
	const char *kind = NULL;
	bool regression = true;
	char *text = NULL;

	if (k && broken && known_expired(rules->known, k)) {
		kind = "known-expired";
		text = text_format("is broken, and that this is known expired on %s (%s:%u: %s)",
		                   k->expires, rules->known->path, k->line, k->reason);
	} else if (k && broken) {
		kind = "known";
		regression = false;
		text = text_format("is broken, as is known until %s: %s", k->expires, k->reason);
	} else if (k && holds && !k->sometimes) {
		kind = "known-passes";
		text = text_format("holds, but %s:%u lists it as a known failure: remove it there",
		                   rules->known->path, k->line);
	} else if (!k && now->known && holds) {
		kind = "known-passes";
		text = text_format("holds, but is listed as a known failure: correct the list");
	} else if (!k && now->known && broken) {
		return true; /* the contract says so, and has no date */
	} else {
		return false;
	}
	set_verdicts(compare_find(findings, kind, regression, now, text), base, now);
	return true;
}

static void compare_verdicts(const struct result_case *base, const struct result_case *now,
                             const struct compare_rules *rules, json_t *findings)
{
	enum standing from = standing_of(base), to = standing_of(now);
	const char *kind = steps[from][to].kind;
	bool regression = steps[from][to].regression;

	if (compare_known(base, now, rules, findings))
		return;
	if (now->verdict == VERDICT_ERROR) {
		kind = "undecided";
		regression = true;
	}
	if (kind)
		set_verdicts(
		    compare_find(findings, kind, regression, now,
		                 text_format("was %s, is %s%s%s", verdict_names[base->verdict],
		                             verdict_names[now->verdict], now->reason ? ": " : "",
		                             now->reason ? now->reason : "")),
		    base, now);
}

/* A case that the base does not have. */
static void judge_new(const struct result_case *now, const struct compare_rules *rules,
                      json_t *findings)
{
	enum standing to = standing_of(now);

	if (compare_known(NULL, now, rules, findings))
		return;
	set_verdicts(
	    compare_find(findings, to == BAD ? "new-failure" : "new-case",
	                 to == BAD || to == UNDECIDED, now,
	                 text_format("is new, and is %s%s%s", verdict_names[now->verdict],
	                             now->reason ? ": " : "", now->reason ? now->reason : "")),
	    NULL, now);
}

static void judge_missing(const struct result_case *base, const struct compare_rules *rules,
                          json_t *findings)
{
	set_verdicts(
	    compare_find(findings, "missing", !rules->allow_missing, base,
	                 text_format("was %s, and was not run", verdict_names[base->verdict])),
	    base, NULL);
}

/* Both lists are sorted by id. */
static void compare_cases(const struct results *base, const struct results *now,
                          const struct compare_rules *rules, json_t *findings, json_t *notes)
{
	cleanup_json json_t *told = json_object();
	size_t b = 0, n = 0, apart = 0;

	while (b < base->n_cases || n < now->n_cases) {
		const struct result_case *was = b < base->n_cases ? &base->cases[b] : NULL;
		const struct result_case *is = n < now->n_cases ? &now->cases[n] : NULL;

		if (was && (!is || strcmp(was->id, is->id) < 0)) {
			judge_missing(was, rules, findings);
			b++;
		} else if (is && (!was || strcmp(was->id, is->id) > 0)) {
			judge_new(is, rules, findings);
			n++;
		} else if (was && is) {
			compare_verdicts(was, is, rules, findings);
			compare_costs(was, is, rules, findings, told, &apart);
			b++, n++;
		}
	}
	if (rules->limits.n && !json_object_size(told) && !apart)
		compare_note(notes,
		             text_format("no costs were compared: both have to have cases of "
		                         "the group cost, such as login-cost"));
	if (apart)
		compare_note(notes, text_format("costs of %zu cases are not compared: they shared "
		                                "their login with other cases than in the base",
		                                apart));
}

/* An entry that covers nothing is stale, or of cases that this run leaves out. */
static void note_unused(const struct results *now, const struct known_list *known, json_t *notes)
{
	for (unsigned i = 0; known && i < known->entries_count; i++) {
		const struct known_entry *k = &known->entries[i];
		bool used = false;

		for (size_t n = 0; n < now->n_cases && !used; n++)
			used = known_covers(k, now->cases[n].name);
		if (!used)
			compare_note(notes, text_format("%s:%u: no case is called %s", known->path,
			                                k->line, k->pattern));
	}
}

static void note_flaws(const struct results *r, const char *which, json_t *notes)
{
	cleanup_json json_t *flaws = results_flaws(r);
	const json_t *flaw;
	size_t i;

	json_array_foreach(flaws, i, flaw) compare_note(
	    notes, text_format("%s (%s): %s", which, r->path, json_string_value(flaw)));
}

static size_t count_regressions(const json_t *findings)
{
	const json_t *f;
	size_t i, n = 0;

	json_array_foreach(findings, i, f) n += json_is_true(json_object_get(f, "regression"));
	return n;
}

static json_t *side(const struct results *r)
{
	json_t *s = json_pack("{s:o, s:i}", "path", json_text(r->path, strlen(r->path)), "cases",
	                      (int)r->n_cases);

	json_object_update_missing(s, r->identity);
	return s;
}

static json_t *limits_of(const struct compare_rules *rules)
{
	json_t *list = json_object();

	for (size_t i = 0; i < rules->limits.n; i++)
		json_object_set_new(list, rules->limits.list[i].phase,
		                    json_string(rules->limits.list[i].text));
	return list;
}

json_t *compare_results(const struct results *base, const struct results *now,
                        const struct compare_rules *rules, struct err **e)
{
	cleanup_json json_t *notes = json_array(), *findings = json_array();
	size_t walls;

	if (compare_identity(base, now, notes, e) < 0)
		return NULL;
	note_flaws(base, "base", notes);
	note_flaws(now, "new", notes);
	compare_cases(base, now, rules, findings, notes);
	walls = compare_walls(base, now, rules, findings, notes);
	note_unused(now, rules->known, notes);
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:f, s:i, s:i, s:O, s:O}", "compare", 1,
	                 "version", PAMLAB_VERSION, "base", side(base), "new", side(now),
	                 "max_cost", limits_of(rules), "wall_alpha", rules->wall_alpha,
	                 "wall_tests", (int)walls, "regressions", (int)count_regressions(findings),
	                 "notes", notes, "findings", findings);
}

enum exit_status compare_status(const json_t *comparison)
{
	return json_integer_value(json_object_get(comparison, "regressions")) ? EXIT_BROKEN
	                                                                      : EXIT_HOLDS;
}
