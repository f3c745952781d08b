/* The terminal that the user sits at. */
#ifndef PAMLAB_TERMINAL_H
#define PAMLAB_TERMINAL_H

#include <stddef.h>

#include "err.h"

/* Puts the terminal on standard input into raw mode: each key comes at once and as it is. From now
 * on every way out of the program gives the terminal back as it was: its end, and signals, which
 * then end it. */
int terminal_raw(struct err **e);

/* Gives it back now; harmless twice, and without terminal_raw. */
void terminal_restore(void);

/* Rows and columns of standard input or output; 0 0 if neither is a terminal. */
void terminal_size(int *rows, int *columns);

/* Writes all of it. */
int terminal_write(int fd, const char *data, size_t len, struct err **e);

#endif
