#include "verbs.h"
{
	(void)argc;
	(void)argv;
	return 3;
}
int cmd_shell(int argc, char **argv)
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
