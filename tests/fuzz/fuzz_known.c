/* Lists of known failures: any bytes are read, or refused with one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_known struct known_list *list = NULL;
	cleanup_err struct err *e = NULL;

	if (known_parse("x.yaml", (const char *)data, size, 1798675200, &list, &e) < 0 &&
	    (!e || e->status != EXIT_USAGE || strchr(e->msg, '\n')))
		abort();
	if (list)
		known_find(list, "m/su/x");
	return 0;
}
