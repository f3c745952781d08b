#include <check.h>

#include <sha256.h>
#include <string.h>

#include "cleanup.h"
#include "entry.h"
#include "fixtures.h"
#include "observation.h"
#include "paths.h"
#include "scenario.h"
#include "step.h"

#define DATA "tests/unit/data/"

Suite *suite_scenario(void);

static struct scenario *load(const char *path)
{
	cleanup_err struct err *e = NULL;
	struct scenario *s;

	ck_assert_msg(scenario_load(path, &s, &e) == 0, "%s", e ? e->msg : "no message");
	return s;
}

static int load_and_drop(const char *path, struct err **e)
{
	cleanup_scenario struct scenario *s = NULL;

	return scenario_load(path, &s, e);
}

START_TEST(minimal_gets_defaults)
{
	cleanup_scenario struct scenario *s = load(DATA "scenario/minimal.yaml");

	ck_assert_str_eq(s->name, "minimal");
	ck_assert_str_eq(s->path, DATA "scenario/minimal.yaml");
	ck_assert_uint_eq(s->line, 2);
	ck_assert_int_eq(s->scope, SCOPE_MUST);
	ck_assert_uint_eq(s->judges, PROMISE_BIT(PROMISE_PID_PRIVATE));
	ck_assert_uint_eq(s->entries_count, 0);
	ck_assert(scenario_has_entry(s, "su") && scenario_has_entry(s, "login"));
	ck_assert_uint_eq(s->shifts_count, 1);
	ck_assert_uint_eq(s->shifts[0], 0);
	ck_assert(!s->stage.root_shared && !s->relogin);
	ck_assert_uint_eq(s->logins.count, 1);
	ck_assert_uint_eq(s->settle_ms, 2000);
	ck_assert_uint_eq(s->during_count, 0);
	ck_assert_uint_eq(s->controls.outside_count + s->controls.without_module_count, 0);
	ck_assert_uint_eq(s->expect[0].line, 10);
	ck_assert_ptr_null(s->expect[0].because);
}
END_TEST

START_TEST(full_is_read_as_written)
{
	cleanup_scenario struct scenario *s = load(DATA "scenario/full.yaml");
	cleanup_json json_t *within = json_pack("[i, s, s, n, b]", 1, "two", "three", 1);

	ck_assert_str_eq(s->why, "Two lines that are one.");
	ck_assert_int_eq(s->scope, SCOPE_MASK);
	ck_assert_uint_eq(s->judges,
	                  PROMISE_BIT(PROMISE_PID_PRIVATE) | PROMISE_BIT(PROMISE_BACKGROUND_ENDS));
	ck_assert(scenario_has_entry(s, "su") && scenario_has_entry(s, "sshd-kbdint"));
	ck_assert(!scenario_has_entry(s, "sshd"));
	ck_assert(scenario_has_step(s, "daemons") && !scenario_has_step(s, "tools"));
	ck_assert_uint_eq(s->shifts[1], 4);
	ck_assert(s->stage.root_shared && s->relogin);
	ck_assert_uint_eq(s->logins.count, 3);
	ck_assert_uint_eq(s->logins.phase_ns, 137000);
	ck_assert_str_eq(s->session[2], "daemons 50");
	ck_assert_str_eq(s->during[0], "kill-init");
	ck_assert_uint_eq(s->settle_ms, 250);
	ck_assert_int_eq(s->expect[0].matcher, MATCH_WITHIN);
	ck_assert(json_equal(s->expect[0].value, within));
	ck_assert_str_eq(s->expect[0].because, "a reason");
	ck_assert_int_eq(s->expect[1].matcher, MATCH_AS_WITHOUT_MODULE);
	ck_assert_str_eq(json_string_value(s->expect[2].value), "host.during.session_pids");
	ck_assert(json_is_string(s->expect[3].value)); /* "7" in quotes is no number */
	ck_assert_uint_eq(s->expect[3].line, 26);
	ck_assert_uint_eq(s->controls.outside[0].line, 29);
	ck_assert_int_eq(s->controls.without_module[1].matcher, MATCH_EQUALS);
}
END_TEST

START_TEST(session_may_be_empty_for_pamtester)
{
	cleanup_scenario struct scenario *s = load(DATA "scenario/no-program.yaml");

	ck_assert_uint_eq(s->session_count, 0);
}
END_TEST

START_TEST(hash_is_that_of_the_bytes)
{
	cleanup_scenario struct scenario *s = load(DATA "scenario/minimal.yaml");
	char wanted[65];

	ck_assert_ptr_nonnull(SHA256File(DATA "scenario/minimal.yaml", wanted));
	ck_assert_str_eq(s->hash, wanted);
}
END_TEST

START_TEST(bad_files_say_where_and_what)
{
	ck_assert_uint_ge(check_bad_files("scenario", load_and_drop), 50);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	cleanup_err struct err *e = NULL;

	ck_assert_int_lt(load_and_drop(DATA "scenario/nowhere.yaml", &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_str_eq(e->msg, DATA "scenario/nowhere.yaml: No such file or directory");
}
END_TEST

START_TEST(a_set_is_sorted_and_selected)
{
	cleanup_err struct err *e = NULL;
	struct scenario **list;
	bool chosen[3] = {false};
	size_t n;

	ck_assert_int_eq(scenarios_load_all(DATA "set", &list, &n, &e), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(list[0]->name, "alpha");
	ck_assert_str_eq(list[1]->name, "beta");
	ck_assert_str_eq(list[2]->name, "gamma"); /* the group host comes after proc */
	ck_assert_int_eq(scenarios_select(list, n, "b*", chosen, &e), 0);
	ck_assert(!chosen[0] && chosen[1] && !chosen[2]);
	ck_assert_int_eq(scenarios_select(list, n, "host", chosen, &e), 0);
	ck_assert(!chosen[0] && chosen[1] && chosen[2]);
	ck_assert_int_eq(scenarios_select(list, n, "alpha", chosen, &e), 0);
	ck_assert(chosen[0]);
	ck_assert_int_lt(scenarios_select(list, n, "aplha", chosen, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_str_eq(e->msg, "unknown scenario 'aplha'; did you mean 'alpha'?");
	err_free(&e);
	ck_assert_int_lt(scenarios_select(list, n, "z*", chosen, &e), 0);
	ck_assert_ptr_nonnull(strstr(e->msg, "no scenario fits 'z*'"));
	scenarios_free(list, n);
}
END_TEST

START_TEST(scopes_are_kept)
{
	cleanup_err struct err *e = NULL;
	struct scenario **list;
	bool chosen[3] = {true, true, false};
	unsigned scopes;
	size_t n;

	ck_assert_int_eq(scenarios_load_all(DATA "set", &list, &n, &e), 0);
	ck_assert_uint_eq(n, 3);
	list[0]->scope = SCOPE_MASK;
	ck_assert_int_eq(scopes_parse("info,must", &scopes, &e), 0);
	ck_assert_uint_eq(scopes, 1U << SCOPE_MUST | 1U << SCOPE_INFO);
	scenarios_keep_scopes(list, n, scopes, chosen);
	ck_assert(!chosen[0] && chosen[1] && !chosen[2]);
	scenarios_free(list, n);
	ck_assert_int_lt(scopes_parse(",", &scopes, &e), 0);
	ck_assert_str_eq(e->msg, "--scope names none: must, mask or info");
	err_free(&e);
	ck_assert_int_lt(scopes_parse("must,muts", &scopes, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_str_eq(e->msg,
	                 "--scope is of must, mask and info, not \"muts\"; did you mean \"must\"?");
}
END_TEST

static void check_set_fails(const char *dir, const char *text)
{
	cleanup_err struct err *e = NULL;
	struct scenario **list;
	size_t n;

	ck_assert_int_lt(scenarios_load_all(dir, &list, &n, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_msg(strstr(e->msg, text) != NULL, "%s", e->msg);
}

START_TEST(a_set_that_does_not_fit)
{
	check_set_fails(DATA "twice", "/same.yaml:2: the name 'same' is taken already, by");
	check_set_fails(DATA "misplaced",
	                "lost.yaml:2: a scenario of the group 'host' should be in");
	check_set_fails(DATA "nowhere", "no scenario found");
}
END_TEST

/* The scenarios that come with the program. */
START_TEST(bundled_scenarios_load)
{
	cleanup_err struct err *e = NULL;
	struct scenario **list;
	size_t n;

	ck_assert_msg(scenarios_load_all("scenarios", &list, &n, &e) == 0, "%s", e ? e->msg : "");
	ck_assert_uint_ge(n, 17);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(list[i]->controls.outside_count +
		                  list[i]->controls.without_module_count,
		              "%s has no control", list[i]->name);
	scenarios_free(list, n);
}
END_TEST

START_TEST(entries_are_found)
{
	cleanup_err struct err *e = NULL;
	const char *const *names = entry_names();

	ck_assert_str_eq(entry_find("sudo-pty")->name, "sudo-pty");
	ck_assert_ptr_null(entry_find("telnet"));
	ck_assert(entry_find("outside")->flags & ENTRY_PSEUDO);
	for (; *names; names++)
		ck_assert_str_ne(*names, "outside");
	ck_assert_int_eq(entry_check("login", &e), 0);
	ck_assert_int_lt(entry_check("lgoin", &e), 0);
	ck_assert_str_eq(e->msg, "unknown entry 'lgoin'; did you mean 'login'?");
	err_free(&e);
	ck_assert_int_lt(entry_check("outside", &e), 0);
}
END_TEST

START_TEST(kernels_bound_a_scenario)
{
	char from[] = "6.9", before[] = "6.12";
	struct scenario s = {.kernels = {from, before}};
	static const struct {
		const char *kernel;
		bool applies;
	} tries[] = {
	    {"linux-6.1.192", false}, {"linux-6.9.1", true},   {"linux-6.11", true},
	    {"linux-6.12.5", false},  {"linux-7.0.1", false},  {"own", true},
	    {"linux-6.9", true},      {"linux-5.10.3", false},
	};

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		cleanup_free char *why = scenario_kernel_reason(&s, tries[i].kernel);

		ck_assert_msg(!why == tries[i].applies, "%s: %s", tries[i].kernel,
		              why ? why : "applies");
	}
}
END_TEST

START_TEST(observations_have_what_they_need)
{
	for (const struct observation *o = observations; o->name; o++) {
		ck_assert_ptr_eq(observation_find(o->name), o); /* no name twice */
		ck_assert(o->about && *o->about);
	}
	ck_assert_ptr_nonnull(observation_find("host.after.new_mnt_namespaces"));
	ck_assert_ptr_null(observation_find("host.after"));
	ck_assert_str_eq(observation_suggest("sesion.list.pids"), "session.list.pids");
	ck_assert_ptr_null(observation_suggest("weather"));
}
END_TEST

static void check_documented(const char *page, const char *request, const char *name)
{
	cleanup_free char *line = NULL;
	const char *at;

	ck_assert_int_gt(asprintf(&line, "\n.It %s %s", request, name), 0);
	at = strstr(page, line);
	ck_assert_msg(at && strchr(" \n", at[strlen(line)]), "%s is not in the manual page", name);
}

START_TEST(the_manual_page_has_every_name)
{
	cleanup_free char *page = read_file("man/pamlab-scenario.5", NULL, NULL);

	ck_assert_ptr_nonnull(page);
	for (int p = 0; p < PROMISES; p++)
		check_documented(page, "Cm", promises[p].name);
	for (int m = 0; m < MATCHERS; m++)
		check_documented(page, "Cm", matcher_names[m]);
}
END_TEST

Suite *suite_scenario(void)
{
	Suite *s = suite_create("scenario");
	TCase *t = tcase_create("scenario");

	tcase_add_test(t, minimal_gets_defaults);
	tcase_add_test(t, full_is_read_as_written);
	tcase_add_test(t, session_may_be_empty_for_pamtester);
	tcase_add_test(t, hash_is_that_of_the_bytes);
	tcase_add_test(t, bad_files_say_where_and_what);
	tcase_add_test(t, a_file_that_is_not_there);
	tcase_add_test(t, a_set_is_sorted_and_selected);
	tcase_add_test(t, scopes_are_kept);
	tcase_add_test(t, a_set_that_does_not_fit);
	tcase_add_test(t, bundled_scenarios_load);
	tcase_add_test(t, entries_are_found);
	tcase_add_test(t, kernels_bound_a_scenario);
	tcase_add_test(t, observations_have_what_they_need);
	tcase_add_test(t, the_manual_page_has_every_name);
	suite_add_tcase(s, t);
	return s;
}
