#include <check.h>

#include <string.h>

#include "cleanup.h"
#include "pamlint.h"

#define DATA "tests/unit/data/pam"

Suite *suite_pamlint(void);

static const char *const modules[] = {"pam_pidns.so", NULL};

/* What is found in a stack; NULL: nothing. */
static const struct {
	const char *service, *finding;
	enum pamlint_kind kind;
} stacks[] = {
    {"good", NULL, PAMLINT_WITH},
    {"without", NULL, PAMLINT_WITHOUT},
    {"optional", "/optional:2: if pam_pidns.so fails the session is opened without it",
     PAMLINT_WITH},
    {"bracket", "/bracket:1: if pam_pidns.so fails the session is opened without it", PAMLINT_WITH},
    {"sufficient", "/sufficient:1: pam_pidns.so may never be run", PAMLINT_WITH},
    {"jump", "/jump:1: pam_pidns.so may be jumped over", PAMLINT_WITH},
    {"short-jump", NULL, PAMLINT_WITH},
    {"substack", NULL, PAMLINT_WITH}, /* what ends in a substack ends that and no more */
    {"jump-substack", "/jump-substack:1: pam_pidns.so may be jumped over", PAMLINT_WITH},
    {"inner", NULL, PAMLINT_WITH},
    {"password", NULL, PAMLINT_NO_SESSION},
};

START_TEST(a_stack_says_how_it_is_open)
{
	cleanup_json json_t *findings = json_array();
	cleanup_err struct err *e = NULL;
	enum pamlint_kind kind;

	ck_assert_msg(pamlint_service(DATA, stacks[_i].service, modules, findings, &kind, &e) == 0,
	              "%s", e ? e->msg : "");
	ck_assert_int_eq(kind, stacks[_i].kind);
	if (!stacks[_i].finding) {
		ck_assert_uint_eq(json_array_size(findings), 0);
		return;
	}
	ck_assert_uint_eq(json_array_size(findings), 1);
	ck_assert_msg(strstr(json_string_value(json_array_get(findings, 0)), stacks[_i].finding),
	              "%s", json_string_value(json_array_get(findings, 0)));
}
END_TEST

START_TEST(a_stack_that_includes_itself)
{
	cleanup_json json_t *findings = json_array();
	cleanup_err struct err *e = NULL;
	enum pamlint_kind kind;

	ck_assert_int_lt(pamlint_service(DATA, "loop", modules, findings, &kind, &e), 0);
	ck_assert_int_eq(e->status, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(e->msg, "included in itself"));
}
END_TEST

START_TEST(services_are_not_what_they_share)
{
	cleanup_json json_t *services = pamlint_services(DATA, NULL);
	json_t *service;
	size_t i;

	ck_assert_uint_eq(json_array_size(services), 13); /* all but common-session */
	json_array_foreach(services, i, service)
	    ck_assert_str_ne(json_string_value(service), "common-session");
}
END_TEST

Suite *suite_pamlint(void)
{
	Suite *s = suite_create("pamlint");
	TCase *t = tcase_create("pamlint");

	tcase_add_loop_test(t, a_stack_says_how_it_is_open, 0, sizeof(stacks) / sizeof(*stacks));
	tcase_add_test(t, a_stack_that_includes_itself);
	tcase_add_test(t, services_are_not_what_they_share);
	suite_add_tcase(s, t);
	return s;
}
