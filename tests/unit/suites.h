/* The suites, one in each test_NAME.c. */
#ifndef PAMLAB_SUITES_H
#define PAMLAB_SUITES_H

#include <check.h>

Suite *suite_bench(void);
Suite *suite_bundled(void);
Suite *suite_contract(void);
Suite *suite_elfcheck(void);
Suite *suite_eventlog(void);
Suite *suite_expect(void);
Suite *suite_image(void);
Suite *suite_initramfs(void);
Suite *suite_kernel(void);
Suite *suite_ktap(void);
Suite *suite_scenario(void);
Suite *suite_stack(void);
Suite *suite_pairwise(void);
Suite *suite_stage(void);
Suite *suite_stats(void);
Suite *suite_suggest(void);
Suite *suite_table(void);
Suite *suite_verdict(void);

#endif
