/* The suites, one in each test_NAME.c. */
#ifndef PAMLAB_SUITES_H
#define PAMLAB_SUITES_H

#include <check.h>

Suite *suite_baseline(void);
Suite *suite_bench(void);
Suite *suite_bundled(void);
Suite *suite_catalogue(void);
Suite *suite_compare(void);
Suite *suite_contract(void);
Suite *suite_costs(void);
Suite *suite_elfcheck(void);
Suite *suite_eventlog(void);
Suite *suite_expect(void);
Suite *suite_fixture(void);
Suite *suite_formats(void);
Suite *suite_image(void);
Suite *suite_initramfs(void);
Suite *suite_junit(void);
Suite *suite_kernel(void);
Suite *suite_known(void);
Suite *suite_ktap(void);
Suite *suite_mutants(void);
Suite *suite_pamlint(void);
Suite *suite_logs(void);
Suite *suite_merge(void);
Suite *suite_plan(void);
Suite *suite_scenario(void);
Suite *suite_seeds(void);
Suite *suite_shard(void);
Suite *suite_stack(void);
Suite *suite_pairwise(void);
Suite *suite_stage(void);
Suite *suite_stats(void);
Suite *suite_suggest(void);
Suite *suite_table(void);
Suite *suite_verdict(void);
Suite *suite_wall(void);

#endif
