/* What can be said of a candidate by reading it. Nothing here loads or runs it: the host never
 * does. */
#ifndef PAMLAB_ELFCHECK_H
#define PAMLAB_ELFCHECK_H

#include "err.h"

/* Whether a file can be a session module in a guest: an ELF shared object for x86-64 that exports
 * pam_sm_open_session and pam_sm_close_session (pam_sm_open_session(3), pam_sm_close_session(3):
 * PAM calls both). If not, an EXIT_USAGE error of one line says what it is and what to do. */
int candidate_check(const char *path, struct err **e);

#endif
