/* How the agent tells the user's shell of `pamlab shell` what it is there for, and how the shell
 * tells the host that it is there. */
#ifndef PAMLAB_GUEST_SHELL_FILES_H
#define PAMLAB_GUEST_SHELL_FILES_H

#define SHELL_DIR   "/run/pamlab/shell"
#define SHELL_RC    SHELL_DIR "/rc"    /* ENV of interactive shells: the prompt */
#define SHELL_PLAIN SHELL_DIR "/plain" /* there: commands are piped in */

/* Written to the terminal by a plain shell that is about to read its commands; in a control string
 * that terminals take no notice of (APC, ECMA-48 8.3.2). */
#define SHELL_READY "\033_pamlab shell\033\\"

#endif
