/* Runs every suite. A suite is a file test_NAME.c that exports suite_NAME, and a line here. */
#include <check.h>
#include <stdlib.h>

Suite *suite_bundled(void);
Suite *suite_contract(void);
Suite *suite_expect(void);
Suite *suite_scenario(void);
Suite *suite_verdict(void);

static Suite *(*const suites[])(void) = {
    suite_bundled, suite_contract, suite_expect, suite_scenario, suite_verdict,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
