/* Contracts: any bytes are read, or refused with one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_contract struct contract *c = NULL;
	cleanup_err struct err *e = NULL;

	if (contract_parse("x.yaml", (const char *)data, size, &c, &e) < 0 &&
	    (!e || e->status != EXIT_USAGE || strchr(e->msg, '\n')))
		abort();
	if (c)
		contract_known(c, "su", "process-list");
	return 0;
}
