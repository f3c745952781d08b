/* pamlab list catalogue, pamlab list --all: see pamlab(1). */
#ifndef PAMLAB_LIST_CATALOGUE_H
#define PAMLAB_LIST_CATALOGUE_H

#include <stdbool.h>

#include "err.h"

int list_catalogue(bool as_json, struct err **e);

#endif
