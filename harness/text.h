/* printf(3) into a string of its own. */
#ifndef PAMLAB_TEXT_H
#define PAMLAB_TEXT_H

#include <stdarg.h>

/* asprintf(3) that does not fail. The caller frees. */
char *text_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *text_vformat(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
