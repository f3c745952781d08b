/* The suites, one in each test_NAME.c. */
#ifndef PAMLAB_SUITES_H
#define PAMLAB_SUITES_H

#include <check.h>

Suite *suite_elfcheck(void);
Suite *suite_eventlog(void);
Suite *suite_ktap(void);
Suite *suite_table(void);

#endif
