/* Some of the bundled scenarios against observations of a session that is isolated, and of one that
 * is not: each has to pass on the first, and to notice the second or what is broken in the first.
 */
#include <check.h>

#include <string.h>

#include "cleanup.h"
#include "verdict.h"

#define DATA "tests/unit/data/observed/"

Suite *suite_bundled(void);

static struct scenario **list;
static size_t n;
static struct contract *contract;
static json_t *isolated, *open_session;

static void set_up(void)
{
	ck_assert_int_eq(scenarios_load_all("scenarios", &list, &n, NULL), 0);
	contract = contract_default("pam_x");
	isolated = json_load_file(DATA "isolated.json", 0, NULL);
	open_session = json_load_file(DATA "open.json", 0, NULL);
	ck_assert(isolated && open_session);
}

static void tear_down(void)
{
	scenarios_free(list, n);
	contract_free(&contract);
	json_decref(isolated);
	json_decref(open_session);
}

/* Without a module, daemons that nobody ends are there after the login. */
static json_t *without_module(const struct scenario *s)
{
	json_t *seen = json_copy(open_session);

	if (scenario_has_step(s, "daemons"))
		json_object_set_new(seen, "host.after.new_processes",
		                    json_pack("[s]", "612 daemon-1 S uid=1000"));
	json_object_set_new(seen, "logins.count", json_integer(s->logins.count));
	return seen;
}

static enum verdict decide(const struct scenario *s, const json_t *seen)
{
	const struct run_outcome done = {.status = RUN_DONE};
	cleanup_json json_t *control = without_module(s);
	struct judgement j;
	enum verdict v;

	verdict_decide(s, contract, seen, open_session, control, &done, false, &j);
	v = j.verdict;
	if (v == VERDICT_INCONCLUSIVE || v == VERDICT_ERROR)
		ck_abort_msg("%s: %s", s->name, j.reason);
	judgement_clear(&j);
	return v;
}

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i]->name, name))
			return list[i];
	ck_abort_msg("no scenario %s", name);
}

START_TEST(an_open_session_is_noticed)
{
	static const char *const names[] = {"process-list", "pid-sweep", "proc-own",
	                                    "zombies-reaped", "logout-clean"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct scenario *s = find(names[i]);
		cleanup_json json_t *seen = without_module(s);

		ck_assert_msg(decide(s, seen) == VERDICT_FAIL, "%s", s->name);
	}
}
END_TEST

/* One thing that is wrong in a session that is isolated otherwise, and who has to say so. */
static const struct {
	const char *scenario, *name, *value;
} wrong[] = {
    {"process-list", "session.list.argv_secrets", "[\"root\"]"},
    {"process-list", "session.list.environ_secrets", "[\"same\"]"},
    {"process-list", "session.list.pids", "[1]"},
    {"process-list", "session.list.pids", "[1,2,3]"},
    {"process-list", "host.during.session_isolated", "false"},
    {"pid-sweep", "session.sweep.kill", "[1,2,77]"},
    {"pid-sweep", "session.sweep.pidfd_open", "[1,2,77]"},
    {"pid-sweep", "session.sweep.getpgid", "[1,2,77]"},
    {"pid-sweep", "session.sweep.victims", "[\"root\"]"},
    {"pid-sweep", "session.sweep.unlisted", "[3]"},
    {"pid-sweep", "session.sweep.tried", "300"},
    {"proc-own", "session.proc.wrong_in", "[\"thread\"]"},
    {"proc-own", "session.proc.nspid_columns", "2"},
    {"proc-own", "session.proc.child_appears", "false"},
    {"proc-mount", "session.mounts.at_proc", "2"},
    {"proc-mount", "session.mounts.foreign", "[\"/srv/proc\"]"},
    {"proc-mount", "session.mounts.options", "[\"rw\",\"nosuid\"]"},
    {"proc-tools", "session.tools.failed", "[\"w: exit 1\"]"},
    {"proc-first-look", "logins.proc_missing", "[3]"},
    {"init-killed", "host.killed.survivors", "[\"812 su S uid=0\"]"},
    {"init-killed", "host.killed.gone_ns", "2000000001"},
    {"init-killed", "host.after.new_processes", "[\"812 su R uid=0\"]"},
    {"logout-clean", "host.after.new_processes", "[\"812 daemon-1 T uid=1000\"]"},
    {"logout-clean", "host.after.new_pid_namespaces", "1"},
    {"short-session-clean", "host.after.spinning", "[\"812 su R uid=0\"]"},
    {"short-session-clean", "host.after.zombies", "[\"812 su Z uid=0\"]"},
    {"short-session-clean", "logins.unfinished", "[\"3: status 1\"]"},
    {"open-close-clean", "host.after.spinning", "[\"812 pamtester R uid=0\"]"},
    {"open-close-clean", "entry.status", "1"},
    {"zombies-reaped", "host.during.session_zombies", "100"},
    {"exit-status", "entry.status", "137"},
    {"exit-signal", "entry.signal", "9"},
    {"login-survives", "logins.unfinished", "[\"7: status 137\"]"},
    {"host-whole-private", "host.during.mounts_added", "[\"proc /proc proc\"]"},
    {"host-whole-shared", "host.during.proc_ok", "false"},
    {"host-whole-shared", "host.after.mounts_lost", "[\"proc /proc proc\"]"},
    {"host-whole-shared", "host.after.ps_status", "1"},
};

START_TEST(all_hold_for_an_isolated_session)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		const struct scenario *s = find(wrong[i].scenario);
		enum verdict v;

		json_object_set_new(isolated, "logins.count", json_integer(s->logins.count));
		v = decide(s, isolated);
		ck_assert_msg(v == VERDICT_PASS, "%s: %s", s->name, verdict_names[v]);
	}
}
END_TEST

START_TEST(each_wrong_thing_is_noticed)
{
	const struct scenario *s = find(wrong[_i].scenario);

	json_object_set_new(isolated, "logins.count", json_integer(s->logins.count));
	json_object_set_new(isolated, wrong[_i].name,
	                    json_loads(wrong[_i].value, JSON_DECODE_ANY, NULL));
	ck_assert_msg(decide(s, isolated) == VERDICT_FAIL, "%s, with %s: %s", s->name,
	              wrong[_i].name, wrong[_i].value);
}
END_TEST

Suite *suite_bundled(void)
{
	Suite *s = suite_create("bundled scenarios");
	TCase *t = tcase_create("bundled");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, all_hold_for_an_isolated_session);
	tcase_add_test(t, an_open_session_is_noticed);
	tcase_add_loop_test(t, each_wrong_thing_is_noticed, 0, sizeof(wrong) / sizeof(*wrong));
	suite_add_tcase(s, t);
	return s;
}
