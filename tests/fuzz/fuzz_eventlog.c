/* Event logs: any bytes are read, line by line. What was read is compared with itself, which is no
 * regression but for cases that were not decided, and printed in each format. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "comparison.h"
#include "results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const json_t *comparison)
{
	for (size_t i = 0; comparison_formats[i]; i++) {
		cleanup_free char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		if (!out)
			abort();
		comparison_writer(comparison_formats[i])(out, comparison);
		fclose(out);
		if (memchr(text, '\x1b', len) || memchr(text, '\0', len))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_results struct results r = {0};
	cleanup_err struct err *e = NULL;
	cleanup_json json_t *comparison = NULL, *flaws = NULL;
	struct compare_rules rules = {.wall_alpha = WALL_ALPHA_DEFAULT};
	FILE *log = size ? fmemopen((void *)data, size, "r") : NULL;
	int status;

	if (!log)
		return 0;
	status = results_read_log(log, "x", &r, &e);
	fclose(log);
	if (status < 0) {
		if (!e || e->status != EXIT_USAGE || strchr(e->msg, '\n'))
			abort();
		return 0;
	}
	flaws = results_flaws(&r);
	comparison = compare_results(&r, &r, &rules, NULL);
	if (!comparison)
		abort();
	print(comparison);
	return 0;
}
