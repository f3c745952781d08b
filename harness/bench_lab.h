/* pamlab bench-lab: runs of one module, with templates and controls in the cache. */
#ifndef PAMLAB_BENCH_LAB_H
#define PAMLAB_BENCH_LAB_H

#include "err.h"

#define MODULE          "pam_pidns"
#define BENCH_LAB_BASIC "17 basic scenarios, 8 entries"

/* Seconds that it takes, `slots` guests at a time. A run that is not all well is an error. */
int bench_lab_basic(int slots, double *seconds, struct err **e);
/* All scenarios of scope must through all entries. */
int bench_lab_must(int slots, double *seconds, struct err **e);

#endif
