/* Runs all suites. CK_RUN_SUITE, CK_RUN_CASE and CK_FORK are understood (libcheck's manual). */
#include <check.h>
#include <stdlib.h>

#include "suites.h"

static Suite *(*const suites[])(void) = {
    suite_baseline, suite_bench,   suite_bundled,  suite_catalogue, suite_compare,
    suite_contract, suite_costs,   suite_elfcheck, suite_eventlog,  suite_expect,
    suite_fixture,  suite_formats, suite_image,    suite_initramfs, suite_junit,
    suite_kernel,   suite_known,   suite_ktap,     suite_mutants,   suite_pamlint,
    suite_logs,     suite_merge,   suite_scenario, suite_shard,     suite_stack,
    suite_pairwise, suite_stage,   suite_stats,    suite_suggest,   suite_table,
    suite_verdict,  suite_wall,    suite_seeds,    suite_plan,
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
