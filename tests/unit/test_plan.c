/* Which scenarios are run through which entries, on which stage. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "plan.h"
#include "suites.h"

static const struct {
	const char *name, *yaml;
} files[] = {
    {"looks", "session: [list]\n"},
    {"acts", "session: [list, hold]\nduring: [kill-init]\n"},
    {"apart", "session: [list]\nstage: {with: [decoy]}\n"},
    {"named", "session: [list]\nstage: {root: shared}\nentries: [su, sudo-in-proc]\n"},
    {"varied", "session: [list]\nvary: true\n"},
};
#define FILES (sizeof(files) / sizeof(*files))

static struct scenario *make(size_t i)
{
	cleanup_free char *text = NULL, *path = NULL;
	cleanup_err struct err *e = NULL;
	struct scenario *s = NULL;

	ck_assert_int_ge(
	    asprintf(&text,
	             "version: 1\nname: %s\ngroup: host\nscope: must\ntitle: A title\n"
	             "why: It is so.\npromises: [pid-private]\n%s"
	             "expect:\n  - {that: session.list.count, at-least: 1, because: it is}\n"
	             "controls:\n  outside:\n    - {that: session.list.count, at-least: 1}\n",
	             files[i].name, files[i].yaml),
	    0);
	ck_assert_int_ge(asprintf(&path, "host/%s.yaml", files[i].name), 0);
	ck_assert_msg(scenario_parse(path, text, strlen(text), &s, &e) == 0, "%s", e ? e->msg : "");
	return s;
}

/* The plan of these scenarios for `none`. */
struct planned {
	struct lab lab;
	struct candidate none;
	struct scenario *scenarios[FILES];
	struct plan plan;
};

static void make_plan(struct planned *p, const char *const *ways, bool chosen, bool full)
{
	struct campaign c = {.lab = &p->lab,
	                     .candidates = &p->none,
	                     .n_candidates = 1,
	                     .scenarios = p->scenarios,
	                     .n_scenarios = FILES,
	                     .entries = ways,
	                     .entries_chosen = chosen,
	                     .full = full};
	cleanup_err struct err *e = NULL;

	memset(p, 0, sizeof(*p));
	p->lab.image.name = (char *)"i";
	p->lab.kernel.name = (char *)"k";
	for (size_t i = 0; i < FILES; i++)
		p->scenarios[i] = make(i);
	ck_assert_int_eq(candidate_open("none", NULL, false, NULL, &p->lab.image, &p->none, &e), 0);
	ck_assert_msg(plan_make(&c, &p->plan, &e) == 0, "%s", e ? e->msg : "");
}

static void free_plan(struct planned *p)
{
	plan_free(&p->plan);
	candidate_close(&p->none);
	for (size_t i = 0; i < FILES; i++)
		scenario_free(&p->scenarios[i]);
}

static unsigned count(const struct planned *p, const char *scenario, const char *entry)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->plan.n_cases; i++)
		n += !strcmp(p->plan.cases[i].scenario->name, scenario) &&
		     (!entry || !strcmp(p->plan.cases[i].entry, entry));
	return n;
}

START_TEST(variants_are_for_the_plain_stage)
{
	struct planned p;

	make_plan(&p, entry_names(), false, false);
	ck_assert_uint_eq(count(&p, "looks", "su"), 1);
	ck_assert_uint_eq(count(&p, "looks", "sudo-in-proc"), 1);
	ck_assert_uint_eq(count(&p, "looks", "su-root"), 0);
	ck_assert_uint_eq(count(&p, "acts", "su"), 1);
	ck_assert_uint_eq(count(&p, "acts", "sudo-in-proc"), 0);
	ck_assert_uint_eq(count(&p, "apart", "su"), 1);
	ck_assert_uint_eq(count(&p, "apart", "sudo-in-proc"), 0);
	ck_assert_uint_eq(count(&p, "named", NULL), 2);
	ck_assert_uint_eq(count(&p, "named", "sudo-in-proc"), 1);
	free_plan(&p);
}
END_TEST

START_TEST(a_variant_has_one_of_the_stages)
{
	struct planned p;

	make_plan(&p, entry_names(), false, false);
	ck_assert_uint_ge(count(&p, "varied", "su"), 4);
	for (const struct entry *en = entries; en->name; en++)
		if (en->flags & ENTRY_VARIANT)
			ck_assert_msg(count(&p, "varied", en->name) == 1, "%s", en->name);
	for (size_t i = 0; i < p.plan.n_cases; i++) {
		const struct test_case *t = &p.plan.cases[i];

		ck_assert(!(entry_find(t->entry)->flags & ENTRY_VARIANT) || !t->varied ||
		          t->stage->root_shared);
	}
	ck_assert_uint_lt(p.plan.n_variations, p.plan.possible);
	free_plan(&p);
}
END_TEST

START_TEST(a_variant_that_is_named_is_like_others)
{
	static const char *const two[] = {"su", "sudo-in-proc", NULL};
	struct planned p;

	make_plan(&p, two, true, false);
	ck_assert_uint_eq(count(&p, "acts", "sudo-in-proc"), 1);
	ck_assert_uint_eq(count(&p, "apart", "sudo-in-proc"), 1);
	ck_assert_uint_ge(count(&p, "varied", "sudo-in-proc"), 4);
	free_plan(&p);
	make_plan(&p, entry_names(), false, true);
	ck_assert_uint_eq(count(&p, "apart", "sudo-in-proc"), 1);
	ck_assert_uint_eq(count(&p, "varied", "sudo-in-proc"), count(&p, "varied", "su"));
	ck_assert_uint_eq(p.plan.n_variations, p.plan.possible);
	free_plan(&p);
}
END_TEST

Suite *suite_plan(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plan");

	tcase_set_timeout(t, 30); /* a thousand cases, sanitized, on a machine that is busy */
	tcase_add_test(t, variants_are_for_the_plain_stage);
	tcase_add_test(t, a_variant_has_one_of_the_stages);
	tcase_add_test(t, a_variant_that_is_named_is_like_others);
	suite_add_tcase(s, t);
	return s;
}
