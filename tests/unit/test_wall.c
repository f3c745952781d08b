#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "rank_test.h"
#include "suites.h"
#include "synthetic.h"

/* Known values: wilcox.test(exact = FALSE, correct = TRUE) of R. */
START_TEST(p_is_what_others_compute)
{
	static const double a[] = {1.1, 2.2, 3.3, 4.4, 5.5}, b[] = {6, 7, 8, 9, 10};
	static const double c[] = {1, 2, 2, 3, 3, 3}, d[] = {2, 3, 3, 4, 4, 5};

	/* U = 0 of 25: z = 12 / sqrt(25 * 11 / 12) */
	ck_assert_double_eq_tol(rank_test(a, 5, b, 5), 0.012185780355344, 1e-9);
	/* with ties: U = 7 of 36, groups of 3 and 5: z = 10.5 / sqrt(3 * (13 - 150 / 132)) */
	ck_assert_double_eq_tol(rank_test(c, 6, d, 6), 0.07840293453, 1e-9);
	ck_assert_double_eq_tol(rank_test(b, 5, a, 5), rank_test(a, 5, b, 5), 1e-15);
	ck_assert_double_eq_tol(rank_test(a, 5, a, 5), 1, 1e-12);
	ck_assert_double_eq_tol(rank_test(a, 0, b, 5), 1, 1e-12);
}
END_TEST

START_TEST(holm_steps_down)
{
	double p[] = {0.01, 0.04, 0.03, 0.005}, one[] = {0.2}, big[] = {0.6, 0.7};

	holm_adjust(p, 4);
	ck_assert_double_eq_tol(p[3], 0.02, 1e-12);
	ck_assert_double_eq_tol(p[0], 0.03, 1e-12);
	ck_assert_double_eq_tol(p[2], 0.06, 1e-12);
	ck_assert_double_eq_tol(p[1], 0.06, 1e-12);
	holm_adjust(one, 1);
	ck_assert_double_eq_tol(one[0], 0.2, 1e-12);
	holm_adjust(big, 2);
	ck_assert_double_eq_tol(big[0], 1, 1e-12);
	ck_assert_double_eq_tol(big[1], 1, 1e-12);
}
END_TEST

/* A distribution with a long tail, as times have. */
static double draw(void)
{
	return 1e6 - 5e4 * log(1 - drand48());
}

static double test_drawn(size_t n, double factor)
{
	double a[200], b[200];

	for (size_t i = 0; i < n; i++) {
		a[i] = draw();
		b[i] = factor * draw();
	}
	return rank_test(a, n, b, n);
}

START_TEST(the_error_rate_is_kept)
{
	static const size_t sizes[] = {20, 60};
	enum { TRIES = 1000 };

	for (size_t s = 0; s < 2; s++) {
		int at_5 = 0, at_1 = 0, missed = 0;

		srand48(1);
		for (int i = 0; i < TRIES; i++) {
			double p = test_drawn(sizes[s], 1);

			at_5 += p <= 0.05;
			at_1 += p <= 0.01;
			missed += i < 100 && test_drawn(sizes[s], 1.15) > 0.001;
		}
		/* three standard deviations above what is expected */
		ck_assert_int_le(at_5, TRIES / 20 + 21);
		ck_assert_int_ge(at_5, TRIES / 40);
		ck_assert_int_le(at_1, TRIES / 100 + 10);
		ck_assert_int_eq(missed, 0);
	}
}
END_TEST

/* Twenty blocks of five logins each. The machine's speed changes from block to block, and from run
 * to run. */
static void put_bench(struct synthetic *s, const char *module, double speed, double cost,
                      bool noise)
{
	for (int block = 0; block < 20; block++) {
		double now = speed * (1 + 0.02 * (block % 7));

		fprintf(s->out,
		        "{\"type\":\"bench\",\"kind\":\"wall\",\"id\":\"%s/su/bench@i+k#0:0\","
		        "\"module\":\"%s\",\"entry\":\"su\",\"block\":%d,\"wall_ns\":[",
		        module, module, block);
		for (int i = 0; i < 5; i++)
			fprintf(s->out, "%s%.0f", i ? "," : "",
			        now * cost * 1e6 * (noise ? 1 + 0.01 * drand48() : 1));
		fputs("]}\n", s->out);
	}
}

static json_t *compare_benches(double speed, double cost)
{
	struct compare_rules rules = {.wall_alpha = WALL_ALPHA_DEFAULT};
	cleanup_results struct results was = {0}, is = {0};
	struct synthetic base, now;
	json_t *c;

	synthetic_begin(&base, NULL);
	put_bench(&base, "none", 1, 1, true);
	put_bench(&base, "m", 1, 1.2, true);
	synthetic_end(&base);
	synthetic_begin(&now, NULL);
	put_bench(&now, "none", speed, 1, true);
	put_bench(&now, "m", speed, 1.2 * cost, true);
	synthetic_end(&now);
	synthetic_read(&base, &was);
	synthetic_read(&now, &is);
	c = compare_results(&was, &is, &rules, NULL);
	ck_assert_ptr_nonnull(c);
	return c;
}

START_TEST(benches_are_compared_by_ratio)
{
	cleanup_json json_t *same = NULL, *slower = NULL, *faster = NULL;
	const json_t *f;

	srand48(1);
	same = compare_benches(3, 1); /* a machine three times slower, the same module */
	ck_assert_int_eq(compare_status(same), EXIT_HOLDS);
	ck_assert_uint_eq(json_array_size(json_object_get(same, "findings")), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(same, "wall_tests")), 1);
	slower = compare_benches(0.5, 1.02); /* twice as fast, a module that takes more */
	ck_assert_int_eq(compare_status(slower), EXIT_BROKEN);
	f = json_array_get(json_object_get(slower, "findings"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(f, "kind")), "wall");
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(f, "text")), "alpha 0.001"));
	faster = compare_benches(1, 0.97);
	ck_assert_int_eq(compare_status(faster), EXIT_HOLDS);
	f = json_array_get(json_object_get(faster, "findings"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(f, "kind")), "faster");
}
END_TEST

START_TEST(bench_costs_are_costs)
{
	cleanup_results struct results r = {0};
	const struct result_case *c;
	struct synthetic s;

	synthetic_begin(&s, NULL);
	synthetic_add(&s, "{\"type\":\"bench\",\"kind\":\"login\",\"id\":\"m/su/bench@i+k#0:0\","
	                  "\"finished\":true,\"marked\":false,\"cost\":{\"total_ns\":9}}\n"
	                  "{\"type\":\"bench\",\"kind\":\"login\",\"id\":\"m/su/bench@i+k#0:0\","
	                  "\"finished\":true,\"marked\":true,\"cost\":{\"total_ns\":11,\"phases\":"
	                  "{\"auth\":4}}}\n"
	                  "{\"type\":\"bench\",\"kind\":\"growth\",\"id\":\"m/su/bench@i+k#0:0\","
	                  "\"axis\":\"mounts\",\"size\":10,\"cost\":{\"total_ns\":12}}\n"
	                  "{\"type\":\"bench\",\"kind\":\"login\",\"id\":\"n/su/bench@i+k#0:0\","
	                  "\"finished\":false,\"marked\":false}\n");
	synthetic_read(&s, &r);
	ck_assert_uint_eq(r.n_cases, 2);
	c = results_find(&r, "m/su/bench@i+k#0:0");
	ck_assert_int_eq(c->verdict, VERDICT_INFO);
	ck_assert_int_eq(json_integer_value(json_object_get(c->cost, "total_ns")), 9);
	ck_assert_int_eq(json_integer_value(json_object_get(c->cost, "auth")), 4);
	ck_assert_int_eq(json_integer_value(json_object_get(c->cost, "total_ns mounts=10")), 12);
	ck_assert_int_eq(results_find(&r, "n/su/bench@i+k#0:0")->verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(few_samples_decide_nothing)
{
	struct compare_rules rules = {.wall_alpha = WALL_ALPHA_DEFAULT};
	cleanup_results struct results was = {0}, is = {0};
	cleanup_json json_t *c = NULL;
	struct synthetic base, now;
	const char *note;

	synthetic_begin(&base, "\"accel\":\"kvm\"");
	synthetic_begin(&now, "\"accel\":\"kvm\"");
	for (int i = 0; i < RANK_TEST_LEAST - 1; i++) {
		synthetic_case(&base, "x", "pass", "\"accel\":\"kvm\",\"cost\":{\"total_ns\":5}");
		synthetic_case(&now, "x", "pass", "\"accel\":\"kvm\",\"cost\":{\"total_ns\":50}");
	}
	synthetic_end(&base);
	synthetic_end(&now);
	synthetic_read(&base, &was);
	synthetic_read(&now, &is);
	c = compare_results(&was, &is, &rules, NULL);
	ck_assert_int_eq(compare_status(c), EXIT_HOLDS);
	note = json_string_value(json_array_get(json_object_get(c, "notes"), 0));
	ck_assert_msg(note && strstr(note, "less than 20 samples"), "%s", note);
}
END_TEST

Suite *suite_wall(void)
{
	Suite *s = suite_create("wall");
	TCase *t = tcase_create("wall");

	tcase_add_test(t, p_is_what_others_compute);
	tcase_add_test(t, holm_steps_down);
	tcase_add_test(t, the_error_rate_is_kept);
	tcase_add_test(t, benches_are_compared_by_ratio);
	tcase_add_test(t, bench_costs_are_costs);
	tcase_add_test(t, few_samples_decide_nothing);
	suite_add_tcase(s, t);
	return s;
}
