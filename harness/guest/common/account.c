#include "common/account.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"

const struct passwd *account_find(const char *name)
{
	cleanup_file FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *p;

	while (f && (p = fgetpwent(f)))
		if (strcmp(p->pw_name, name) == 0)
			return p;
	return NULL;
}
