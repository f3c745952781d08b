/* Baselines: any bytes are read, or refused with one line; what was read is written, and read
 * again, the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_results struct results r = {0}, again = {0};
	cleanup_err struct err *e = NULL;
	cleanup_free char *text = NULL, *same = NULL;

	baseline_is_one((const char *)data, size);
	if (baseline_parse((const char *)data, size, "x", &r, &e) < 0) {
		if (!e || e->status != EXIT_USAGE || strchr(e->msg, '\n'))
			abort();
		return 0;
	}
	text = baseline_text(&r, NULL);
	if (!text)
		return 0; /* a case that the lab could not run */
	if (baseline_parse(text, strlen(text), "y", &again, NULL) < 0 || r.n_cases != again.n_cases)
		abort();
	same = baseline_text(&again, NULL);
	if (!same || strcmp(same, text) != 0)
		abort();
	return 0;
}
