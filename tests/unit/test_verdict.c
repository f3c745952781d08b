#include <check.h>

#include <string.h>

#include "cleanup.h"
#include "verdict.h"

Suite *suite_verdict(void);

/* A scenario with one expectation and one control of each kind; tests change what they are about.
 */
static struct expectation expected, outside, without_module;
static struct scenario scenario;
static struct contract *contract;
static char *steps[] = {"list", "hold"};
static json_t *seen, *seen_outside, *seen_without;
static const struct run_outcome done = {.status = RUN_DONE};
static struct judgement j;

static void set_up(void)
{
	expected = (struct expectation){.that = "session.list.count",
	                                .because = "so it is",
	                                .matcher = MATCH_EQUALS,
	                                .value = json_integer(3),
	                                .line = 12};
	outside = (struct expectation){.that = "session.list.count",
	                               .matcher = MATCH_AT_LEAST,
	                               .value = json_integer(10),
	                               .line = 16};
	without_module = outside;
	without_module.value = json_integer(20);
	without_module.line = 18;
	scenario = (struct scenario){
	    .name = "example",
	    .title = "An example",
	    .scope = SCOPE_MUST,
	    .judges = PROMISE_BIT(PROMISE_PID_PRIVATE),
	    .session = steps,
	    .session_count = 2,
	    .logins = {.count = 1},
	    .expect = &expected,
	    .expect_count = 1,
	    .controls = {&outside, 1, &without_module, 1},
	};
	contract = contract_default("pam_x");
	seen = json_pack("{s:b, s:b, s:i, s:i}", "session.started", 1, "session.finished", 1,
	                 "session.list.count", 3, "entry.status", 0);
	seen_outside = json_pack("{s:i}", "session.list.count", 15);
	seen_without = json_pack("{s:i}", "session.list.count", 25);
}

static void tear_down(void)
{
	judgement_clear(&j);
	json_decref(expected.value);
	json_decref(outside.value);
	json_decref(without_module.value);
	json_decref(seen);
	json_decref(seen_outside);
	json_decref(seen_without);
	contract_free(&contract);
}

static void decide(const struct run_outcome *run, bool strict)
{
	judgement_clear(&j);
	verdict_decide(&scenario, contract, seen, seen_outside, seen_without, run, strict, &j);
}

static void check(enum verdict v, const char *reason)
{
	ck_assert_msg(j.verdict == v, "%s (%s), not %s", verdict_names[j.verdict],
	              j.reason ? j.reason : "no reason", verdict_names[v]);
	if (!reason)
		ck_assert_ptr_null(j.reason);
	else
		ck_assert_msg(j.reason && strstr(j.reason, reason), "%s", j.reason);
}

START_TEST(what_holds_passes)
{
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	ck_assert_str_eq(j.observed, "session.list.count: 3");
	ck_assert_str_eq(j.expected, "session.list.count: 3");
	ck_assert_uint_eq(json_array_size(j.evidence), 3); /* two controls, one expectation */
}
END_TEST

START_TEST(what_is_broken_fails)
{
	const json_t *last;

	json_object_set_new(seen, "session.list.count", json_integer(4));
	decide(&done, false);
	check(VERDICT_FAIL, "of session.list.count was expected 3, observed 4");
	ck_assert_str_eq(j.observed, "session.list.count: 4");
	ck_assert_str_eq(j.expected, "session.list.count: 3");
	ck_assert_str_eq(j.because, "so it is");
	ck_assert_uint_eq(j.line, 12);
	last = json_array_get(j.evidence, 2);
	ck_assert_str_eq(json_string_value(json_object_get(last, "that")), "session.list.count");
	ck_assert_str_eq(json_string_value(json_object_get(last, "observed")), "4");
	ck_assert_int_eq(json_integer_value(json_object_get(last, "line")), 12);
	ck_assert(json_is_false(json_object_get(last, "holds")));
	last = json_array_get(j.evidence, 0);
	ck_assert_str_eq(json_string_value(json_object_get(last, "control")), "outside");
}
END_TEST

START_TEST(scope_decides_how_bad_it_is)
{
	json_object_set_new(seen, "session.list.count", json_integer(4));
	scenario.scope = SCOPE_MASK;
	decide(&done, false);
	check(VERDICT_WARN, "observed 4");
	decide(&done, true);
	check(VERDICT_FAIL, "observed 4");
	scenario.scope = SCOPE_INFO;
	decide(&done, true);
	check(VERDICT_INFO, "observed 4");
	json_object_set_new(seen, "session.list.count", json_integer(3));
	decide(&done, false);
	check(VERDICT_INFO, NULL);
	ck_assert_str_eq(j.observed, "session.list.count: 3");
	scenario.scope = SCOPE_MASK;
	decide(&done, false);
	check(VERDICT_PASS, NULL);
}
END_TEST

START_TEST(what_is_not_promised_is_skipped)
{
	cleanup_free char *reason = NULL;

	contract->gives = PROMISE_ALL & ~PROMISE_BIT(PROMISE_PID_PRIVATE);
	decide(&done, false);
	check(VERDICT_SKIP, "pam_x does not promise pid-private");
	contract->gives = PROMISE_BIT(PROMISE_PID_PRIVATE);
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	contract->gives = 0;
	scenario.judges = 0; /* judged for every module */
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	reason = verdict_skip_reason(&scenario, contract);
	ck_assert_ptr_null(reason);
}
END_TEST

START_TEST(a_control_that_does_not_hold)
{
	json_object_set_new(seen_outside, "session.list.count", json_integer(9));
	decide(&done, false);
	check(VERDICT_INCONCLUSIVE,
	      "the control 'outside' does not hold: of session.list.count was expected at "
	      "least 10, observed 9");
	ck_assert_uint_eq(j.line, 16);
	json_object_del(seen_outside, "session.list.count");
	decide(&done, false);
	check(VERDICT_INCONCLUSIVE, "the control 'outside' does not hold");
	json_decref(seen_outside);
	seen_outside = NULL;
	decide(&done, false);
	check(VERDICT_INCONCLUSIVE, "the control 'outside' was not run");
}
END_TEST

START_TEST(the_other_control_counts_too)
{
	json_object_set_new(seen_without, "session.list.count", json_integer(19));
	json_object_set_new(seen, "session.list.count", json_integer(4)); /* and it is broken */
	decide(&done, false);
	check(VERDICT_INCONCLUSIVE, "the control 'without-module' does not hold");
	ck_assert_uint_eq(j.line, 18);
}
END_TEST

START_TEST(the_labs_failure_is_an_error)
{
	struct run_outcome failed = {.status = RUN_ERROR, .text = "qemu did not start"};

	json_object_set_new(seen, "session.list.count", json_integer(4));
	decide(&failed, false);
	check(VERDICT_ERROR, "qemu did not start");
	json_object_set_new(seen_outside, "session.list.count", json_integer(9));
	decide(&failed, false);
	check(VERDICT_ERROR, "qemu did not start");
}
END_TEST

START_TEST(a_guest_that_died_is_the_modules_doing)
{
	struct run_outcome died = {.status = RUN_GUEST_DIED, .text = "Kernel panic"};
	struct run_outcome late = {.status = RUN_DEADLINE, .text = "60 s of virtual time passed"};

	struct run_outcome broken = {.status = RUN_GUEST_BROKEN, .text = "open x: No such file"};

	decide(&broken, false);
	check(VERDICT_FAIL, "the lab in the guest is broken");
	decide(&died, false);
	check(VERDICT_FAIL, "the guest died: Kernel panic");
	decide(&late, false);
	check(VERDICT_FAIL, "the login did not end: 60 s of virtual time passed");
	json_object_set_new(seen_without, "session.list.count", json_integer(19));
	decide(&died, false);
	check(VERDICT_INCONCLUSIVE, "the control");
}
END_TEST

START_TEST(a_session_that_never_ran)
{
	json_object_set_new(seen, "session.started", json_false());
	json_object_set_new(seen, "entry.status", json_integer(1));
	decide(&done, false); /* although what is expected happens to hold */
	check(VERDICT_FAIL, "the session program never ran");
	ck_assert_str_eq(j.observed,
	                 "the session program never ran; the entry ended with status 1");
	json_object_del(seen, "session.started");
	decide(&done, false);
	check(VERDICT_FAIL, "the session program never ran");
	scenario.session_count = 0; /* no program is run, and none is missed */
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	scenario.session_count = 2;
	scenario.logins.count = 20; /* the scenario itself says how many have to begin */
	decide(&done, false);
	check(VERDICT_PASS, NULL);
}
END_TEST

START_TEST(what_was_not_observed)
{
	json_object_del(seen, "session.list.count");
	decide(&done, false);
	check(VERDICT_ERROR, "the lab did not observe session.list.count");
	json_object_set_new(seen, "session.finished", json_false());
	decide(&done, false);
	check(VERDICT_FAIL, "the session program never ran to its end: session.list.count");
	/* what the agent sees after the login does not depend on the session */
	expected.that = "host.after.zombies";
	decide(&done, false);
	check(VERDICT_ERROR, "the lab did not observe host.after.zombies");
	expected.that = "host.during.zombies";
	decide(&done, false);
	check(VERDICT_FAIL, "never ran to its end");
}
END_TEST

START_TEST(compared_with_what_the_control_lacks)
{
	scenario.controls.without_module_count = 0;
	json_decref(expected.value);
	expected.value = json_true();
	expected.matcher = MATCH_AS_WITHOUT_MODULE;
	json_object_set_new(seen, "session.list.count", json_integer(25));
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	json_object_set_new(seen, "session.list.count", json_integer(24));
	decide(&done, false);
	check(VERDICT_FAIL, "observed 24");
	json_object_del(seen_without, "session.list.count");
	decide(&done, false);
	check(VERDICT_INCONCLUSIVE, "was not observed in the run without the module");
}
END_TEST

START_TEST(the_worst_decides)
{
	struct expectation three[3] = {expected, expected, expected};

	three[0].that = "host.after.zombies"; /* not observed: an error by itself */
	three[0].line = 1;
	three[1].value = json_integer(4);
	three[1].line = 2;
	three[2].line = 3;
	scenario.expect = three;
	scenario.expect_count = 3;
	decide(&done, false);
	check(VERDICT_FAIL, "was expected 4, observed 3");
	ck_assert_uint_eq(j.line, 2);
	ck_assert_uint_eq(json_array_size(j.evidence), 5);
	ck_assert(json_is_null(json_object_get(json_array_get(j.evidence, 2), "holds")));
	json_decref(three[1].value);
}
END_TEST

static void add_known(struct known_failure *k)
{
	contract->known = k;
	contract->known_count = 1;
}

START_TEST(known_failures)
{
	struct known_failure k = {.pattern = "s*/example", .reason = "seen before", .line = 5};
	struct verdict_counts counts = {0};

	add_known(&k);
	decide(&done, false);
	verdict_apply_known(contract, "login", "example", &j); /* not on the list */
	verdict_count(&counts, &j);
	ck_assert_uint_eq(counts.of[VERDICT_PASS], 1);
	verdict_apply_known(contract, "sudo", "example", &j);
	check(VERDICT_PASS, "known failure passes: remove it from the list");
	ck_assert(j.known);
	verdict_count(&counts, &j);
	ck_assert_uint_eq(counts.unexpected_passes, 1);
	ck_assert_int_eq(verdict_exit(&counts), EXIT_BROKEN);

	k.sometimes = true;
	counts = (struct verdict_counts){0};
	decide(&done, false);
	verdict_apply_known(contract, "sudo", "example", &j);
	verdict_count(&counts, &j);
	json_object_set_new(seen, "session.list.count", json_integer(4));
	decide(&done, false);
	verdict_apply_known(contract, "sudo", "example", &j);
	check(VERDICT_FAIL, "known failure: seen before");
	verdict_count(&counts, &j);
	ck_assert_uint_eq(counts.of[VERDICT_PASS], 1);
	ck_assert_uint_eq(counts.of[VERDICT_FAIL], 0);
	ck_assert_uint_eq(counts.known_failures, 1);
	ck_assert_int_eq(verdict_exit(&counts), EXIT_HOLDS);
	contract->known = NULL;
	contract->known_count = 0;
}
END_TEST

START_TEST(exit_statuses)
{
	static const struct {
		enum verdict verdict;
		enum exit_status status;
	} alone[] = {
	    {VERDICT_PASS, EXIT_HOLDS}, {VERDICT_FAIL, EXIT_BROKEN},
	    {VERDICT_WARN, EXIT_HOLDS}, {VERDICT_INFO, EXIT_HOLDS},
	    {VERDICT_SKIP, EXIT_HOLDS}, {VERDICT_INCONCLUSIVE, EXIT_LAB},
	    {VERDICT_ERROR, EXIT_LAB},
	};
	struct verdict_counts counts;

	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++) {
		counts = (struct verdict_counts){0};
		counts.of[VERDICT_PASS] = 3;
		counts.of[alone[i].verdict]++;
		ck_assert_int_eq(verdict_exit(&counts), alone[i].status);
	}
	counts = (struct verdict_counts){0};
	counts.of[VERDICT_ERROR] = 7;
	counts.of[VERDICT_FAIL] = 1;
	ck_assert_int_eq(verdict_exit(&counts), EXIT_BROKEN);
}
END_TEST

START_TEST(a_refusal_is_right_where_it_may_be)
{
	struct expectation more[2] = {
	    expected, {.that = "host.after.zombies", .matcher = MATCH_EMPTY, .value = json_true()}};

	scenario.expect = more;
	scenario.expect_count = 2;
	json_object_del(seen, "session.list.count");
	json_object_set_new(seen, "session.started", json_false());
	json_object_set_new(seen, "session.finished", json_false());
	json_object_set_new(seen, "entry.status", json_integer(1));
	json_object_set_new(seen, "host.after.zombies", json_array());
	decide(&done, false);
	check(VERDICT_FAIL, "the session program never ran");
	scenario.may_refuse = true;
	decide(&done, false);
	check(VERDICT_PASS, "the login was refused");
	/* what is not of the session is judged all the same */
	json_object_set_new(seen, "host.after.zombies", json_pack("[s]", "812 su Z uid=0"));
	decide(&done, false);
	check(VERDICT_FAIL, "host.after.zombies");
	json_object_set_new(seen, "host.after.zombies", json_array());
	/* a program that says that all is well has not refused, and neither has one that hangs */
	json_object_set_new(seen, "entry.status", json_integer(0));
	decide(&done, false);
	check(VERDICT_FAIL, "the session program never ran");
	json_object_set_new(seen, "entry.status", json_null());
	json_object_set_new(seen, "entry.signal", json_integer(6));
	decide(&done, false);
	check(VERDICT_PASS, "the login was refused");
	json_object_set_new(seen, "entry.hung", json_true());
	decide(&done, false);
	check(VERDICT_FAIL, "the session program never ran");
}
END_TEST

START_TEST(a_session_that_runs_is_judged_where_it_may_be_refused)
{
	scenario.may_refuse = true;
	decide(&done, false);
	check(VERDICT_PASS, NULL);
	json_object_set_new(seen, "session.list.count", json_integer(4));
	decide(&done, false);
	check(VERDICT_FAIL, "observed 4");
}
END_TEST

Suite *suite_verdict(void)
{
	Suite *s = suite_create("verdict");
	TCase *t = tcase_create("verdict");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, what_holds_passes);
	tcase_add_test(t, what_is_broken_fails);
	tcase_add_test(t, scope_decides_how_bad_it_is);
	tcase_add_test(t, what_is_not_promised_is_skipped);
	tcase_add_test(t, a_refusal_is_right_where_it_may_be);
	tcase_add_test(t, a_session_that_runs_is_judged_where_it_may_be_refused);
	tcase_add_test(t, a_control_that_does_not_hold);
	tcase_add_test(t, the_other_control_counts_too);
	tcase_add_test(t, the_labs_failure_is_an_error);
	tcase_add_test(t, a_guest_that_died_is_the_modules_doing);
	tcase_add_test(t, a_session_that_never_ran);
	tcase_add_test(t, what_was_not_observed);
	tcase_add_test(t, compared_with_what_the_control_lacks);
	tcase_add_test(t, the_worst_decides);
	tcase_add_test(t, known_failures);
	tcase_add_test(t, exit_statuses);
	suite_add_tcase(s, t);
	return s;
}
