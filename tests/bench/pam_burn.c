/* pam_basic, and in open_session as many instructions more as the argument burn=N says: what the
 * gate has to find. REBUILT changes the file and nothing that is run. */
#define pam_sm_open_session basic_open_session
#include "../../modules/pam_basic/pam_basic.c"
#undef pam_sm_open_session

#include <stdlib.h>
#include <string.h>

#ifdef REBUILT
__attribute__((used)) static const char rebuilt[] = "the same instructions, another file";
#endif

/* Two instructions a round. */
static void burn(unsigned long rounds)
{
	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	unsigned long n = 0;

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "burn=", 5))
			n = strtoul(argv[i] + 5, NULL, 10);
	if (n >= 2)
		burn(n / 2);
	return basic_open_session(pamh, flags, argc, argv);
}
