#include <check.h>

#include <string.h>

#include "cleanup.h"
#include "contract.h"
#include "fixtures.h"

#define DATA "tests/unit/data/contract/"

Suite *suite_contract(void);

static struct contract *load(const char *path)
{
	cleanup_err struct err *e = NULL;
	struct contract *c;

	ck_assert_msg(contract_load(path, &c, &e) == 0, "%s", e ? e->msg : "no message");
	return c;
}

static int load_and_drop(const char *path, struct err **e)
{
	cleanup_contract struct contract *c = NULL;

	return contract_load(path, &c, e);
}

START_TEST(good_is_read_as_written)
{
	cleanup_contract struct contract *c = load(DATA "good.yaml");

	ck_assert_str_eq(c->module, "pam_x");
	ck_assert_uint_eq(c->gives,
	                  PROMISE_BIT(PROMISE_PID_PRIVATE) | PROMISE_BIT(PROMISE_FAIL_CLOSED));
	ck_assert_uint_eq(c->known_count, 2);
	ck_assert_str_eq(c->known[0].reason, "it was seen");
	ck_assert_uint_eq(c->known[0].line, 6);
	ck_assert_str_eq(c->strict_args, "private strict=all");
	ck_assert(!c->known[0].sometimes && c->known[1].sometimes);
}
END_TEST

START_TEST(known_failures_are_patterns)
{
	cleanup_contract struct contract *c = load(DATA "good.yaml");

	ck_assert_ptr_eq(contract_known(c, "sudo", "process-list"), &c->known[0]);
	ck_assert_ptr_eq(contract_known(c, "sudo-pty", "process-list"), &c->known[0]);
	ck_assert_ptr_eq(contract_known(c, "su", "pid-sweep"), &c->known[1]);
	ck_assert_ptr_null(contract_known(c, "su", "process-list"));
	ck_assert_ptr_null(contract_known(c, "sudo", "process-lists"));
}
END_TEST

START_TEST(a_module_may_promise_nothing)
{
	cleanup_contract struct contract *c = load(DATA "nothing.yaml");

	ck_assert_uint_eq(c->gives, 0);
	ck_assert_uint_eq(c->known_count, 0);
	ck_assert_ptr_null(c->strict_args);
}
END_TEST

START_TEST(the_default_promises_everything)
{
	cleanup_contract struct contract *c = contract_default("some.so");

	ck_assert_str_eq(c->module, "some.so");
	ck_assert_uint_eq(c->gives, PROMISE_ALL);
	ck_assert_uint_eq(c->promises_count, PROMISES);
	ck_assert_str_eq(c->promises[PROMISE_FAIL_CLOSED], "fail-closed");
	ck_assert_ptr_null(c->path);
	ck_assert_ptr_null(contract_known(c, "su", "process-list"));
}
END_TEST

START_TEST(bad_files_say_where_and_what)
{
	ck_assert_uint_ge(check_bad_files("contract", load_and_drop), 9);
}
END_TEST

START_TEST(promises_are_found)
{
	for (int p = 0; p < PROMISES; p++) {
		ck_assert_int_eq(promise_find(promises[p].name), p);
		ck_assert_str_eq(promise_names()[p], promises[p].name);
	}
	ck_assert_ptr_null(promise_names()[PROMISES]);
	ck_assert_int_lt(promise_find("wealth"), 0);
}
END_TEST

Suite *suite_contract(void)
{
	Suite *s = suite_create("contract");
	TCase *t = tcase_create("contract");

	tcase_add_test(t, good_is_read_as_written);
	tcase_add_test(t, known_failures_are_patterns);
	tcase_add_test(t, a_module_may_promise_nothing);
	tcase_add_test(t, the_default_promises_everything);
	tcase_add_test(t, bad_files_say_where_and_what);
	tcase_add_test(t, promises_are_found);
	suite_add_tcase(s, t);
	return s;
}
