#include "verbs.h"
int cmd_repro(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 3;
}
int cmd_bench_lab(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 3;
}
