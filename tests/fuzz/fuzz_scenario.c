/* Scenario files: any bytes are read, or refused with one line. The name is the seed's: under
 * another one each input would be refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_scenario struct scenario *s = NULL;
	cleanup_err struct err *e = NULL;

	if (scenario_parse("teardown/full.yaml", (const char *)data, size, &s, &e) < 0 &&
	    (!e || e->status != EXIT_USAGE || strchr(e->msg, '\n')))
		abort();
	if (s)
		scenario_has_step(s, "hold");
	return 0;
}
