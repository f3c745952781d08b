/* Runs all suites. CK_RUN_SUITE, CK_RUN_CASE and CK_FORK are understood (libcheck's manual). */
#include <check.h>
#include <stdlib.h>

/* One line a suite; tests/unit/test_NAME.c exports Suite *suite_NAME(void). */
Suite *suite_image(void);
Suite *suite_initramfs(void);
Suite *suite_kernel(void);
Suite *suite_stack(void);
Suite *suite_suggest(void);

static Suite *(*const suites[])(void) = {
    suite_image, suite_initramfs, suite_kernel, suite_stack, suite_suggest,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
