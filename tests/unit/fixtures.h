/* Files that are wrong on purpose. The first line of each, "# LINE: TEXT", says which line the
 * error has to name, and a part of it. */
#ifndef PAMLAB_TESTS_FIXTURES_H
#define PAMLAB_TESTS_FIXTURES_H

#include "err.h"

/* Loads a file and frees what was loaded at once: only success and error count. */
typedef int load_and_free(const char *path, struct err **e);

/* Loads every file of tests/unit/data/FOLDER/bad-*.yaml: each must fail as its first line says,
 * with the status of a usage error. Returns how many there were. */
unsigned check_bad_files(const char *folder, load_and_free *load);

#endif
