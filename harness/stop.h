/* ^C and SIGTERM: the first asks everybody to come to an end in order. */
#ifndef PAMLAB_STOP_H
#define PAMLAB_STOP_H

#include <stdbool.h>

/* Installs the handlers for SIGINT, SIGTERM and SIGHUP. A second signal ends the program at once
 * (its VMs die with it). */
void stop_install(void);

/* True once a signal came. */
bool stop_requested(void);

/* 128 + the signal's number, the exit status that shells give such an end. */
int stop_status(void);

/* Readable once a signal came; for poll. */
int stop_fd(void);

#endif
