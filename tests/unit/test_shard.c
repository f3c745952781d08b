#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "shard.h"
#include "suites.h"

enum { CASES = 97 };

static char ids[CASES][16];
static const char *names[CASES];
static unsigned weights[CASES];

static void make_cases(void)
{
	srand(1);
	for (size_t i = 0; i < CASES; i++) {
		snprintf(ids[i], sizeof(ids[i]), "m/su/%03zu", i);
		names[i] = ids[i];
		weights[i] = i % 10 ? 20 + (unsigned)rand() % 200 : 0;
	}
}

START_TEST(shards_have_about_as_much_to_do)
{
	unsigned count = _i, shards[CASES];
	unsigned long load[CASES] = {0}, least = -1UL, most = 0;

	make_cases();
	shard_split(names, weights, CASES, count, shards);
	for (size_t i = 0; i < CASES; i++) {
		ck_assert_uint_lt(shards[i], count);
		load[shards[i]] += weights[i];
	}
	for (unsigned s = 0; s < count; s++) {
		least = load[s] < least ? load[s] : least;
		most = load[s] > most ? load[s] : most;
	}
	/* longest first: apart by no more than a short case, as long as there are several for each
	 */
	ck_assert_uint_le(most - least, count <= 8 ? 40 : 220);
}
END_TEST

START_TEST(the_order_of_cases_does_not_matter)
{
	unsigned forth[CASES], back[CASES];
	const char *reversed[CASES];
	unsigned reversed_weights[CASES];

	make_cases();
	for (size_t i = 0; i < CASES; i++) {
		reversed[i] = names[CASES - 1 - i];
		reversed_weights[i] = weights[CASES - 1 - i];
	}
	shard_split(names, weights, CASES, 5, forth);
	shard_split(reversed, reversed_weights, CASES, 5, back);
	for (size_t i = 0; i < CASES; i++)
		ck_assert_uint_eq(forth[i], back[CASES - 1 - i]);
}
END_TEST

START_TEST(more_shards_than_cases)
{
	unsigned shards[2];

	make_cases();
	weights[0] = 5;
	shard_split(names, weights, 2, 10, shards);
	ck_assert_uint_ne(shards[0], shards[1]);
	shard_split(names, weights, 0, 10, shards);
}
END_TEST

START_TEST(words_are_read)
{
	static const char *const bad[] = {
	    "",     "1",    "0/2", "3/2", "1/0",  "-1/2",   "1/2/3", "a/b",
	    " 1/2", "1/2 ", "1/",  "/2",  "1//2", "1/1001", "+1/2",  "99999999999/99999999999"};
	struct shard s = {0};
	cleanup_err struct err *e = NULL;

	ck_assert_int_eq(shard_parse("2/5", &s, &e), 0);
	ck_assert_uint_eq(s.index, 2);
	ck_assert_uint_eq(s.count, 5);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(shard_parse(bad[i], &s, &e) < 0, "%s", bad[i]);
		ck_assert_int_eq(e->status, EXIT_USAGE);
		err_free(&e);
	}
	ck_assert_uint_eq(s.index, 2);
}
END_TEST

/* A plan of four cases: two share a login, three share a control. */
START_TEST(a_plan_keeps_what_its_cases_need)
{
	struct scenario s[] = {{.name = (char *)"a"}, {.name = (char *)"b"}, {.name = (char *)"c"}};
	const struct scenario *both[] = {&s[0], &s[1]}, *last[] = {&s[2]},
	                      *all[] = {&s[0], &s[1], &s[2]};
	struct planned_run shared = {.scenarios = both, .n_scenarios = 2};
	struct planned_run alone = {.scenarios = last, .n_scenarios = 1};
	struct planned_run control = {.scenarios = all, .n_scenarios = 3, .control = true};
	struct planned_run *runs[] = {&shared, &alone, &control};
	struct test_case cases[4] = {{0}};
	struct plan p = {.cases = cases, .n_cases = 4, .runs = runs, .n_runs = 3};

	for (size_t i = 0; i < 3; i++)
		cases[i] = (struct test_case){.id = strdup(s[i].name),
		                              .scenario = &s[i],
		                              .entry = "su",
		                              .own = i < 2 ? &shared : &alone,
		                              .without = {.run = &control}};
	cases[3] = (struct test_case){
	    .id = strdup("d"), .scenario = &s[0], .entry = "su", .skip = strdup("not promised")};
	/* the login of two, then that of one, then what is not run at all */
	shard_keep(&p, &(struct shard){2, 2});
	ck_assert_uint_eq(p.n_cases, 1);
	ck_assert_str_eq(p.cases[0].id, "c");
	ck_assert_uint_eq(shared.n_scenarios, 0);
	ck_assert_uint_eq(alone.n_scenarios, 1);
	ck_assert_uint_eq(control.n_scenarios, 1);
	ck_assert_ptr_eq(control.scenarios[0], &s[2]);
	shard_keep(&p, &(struct shard){3, 3});
	ck_assert_uint_eq(p.n_cases + alone.n_scenarios + control.n_scenarios, 0);
}
END_TEST

Suite *suite_shard(void)
{
	Suite *s = suite_create("shard");
	TCase *t = tcase_create("shard");

	tcase_add_loop_test(t, shards_have_about_as_much_to_do, 1, 21);
	tcase_add_test(t, the_order_of_cases_does_not_matter);
	tcase_add_test(t, more_shards_than_cases);
	tcase_add_test(t, words_are_read);
	tcase_add_test(t, a_plan_keeps_what_its_cases_need);
	suite_add_tcase(s, t);
	return s;
}
