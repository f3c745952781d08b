#include <stdio.h>
#include "err.h"

int main(void)
{
	fputs("usage: pamlab VERB ...\n", stderr);
	return EXIT_USAGE;
}
