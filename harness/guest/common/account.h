/* The users whom the guest knows. */
#ifndef PAMLAB_GUEST_ACCOUNT_H
#define PAMLAB_GUEST_ACCOUNT_H

#include <pwd.h>

/* The user's line in /etc/passwd, or NULL. getpwnam() needs NSS, which a static program has not
 * got. The result is valid until the next call. */
const struct passwd *account_find(const char *name);

#endif
