#include "pam_pidns.h"
int take_terminal(uid_t uid)
{
	(void)uid;
	return 0;
}
