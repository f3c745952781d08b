/* Reports that go to files while a run goes on: --report FORMAT=FILE. */
#ifndef PAMLAB_REPORT_FILE_H
#define PAMLAB_REPORT_FILE_H

#include <stdio.h>

#include "err.h"
#include "reporter.h"

struct report_file {
	const struct report_format *format;
	const char *path; /* lies in the text that was parsed */
	FILE *out;        /* NULL until report_file_open */
};

/* Takes "FORMAT=FILE" apart. EXIT_USAGE with what does not fit. */
int report_file_parse(const char *text, struct report_file *f, struct err **e);

/* Makes the file anew: a run that cannot write its report shall not begin, and a report that is
 * there from an earlier one shall not be taken for this one's. */
int report_file_open(struct report_file *f, struct err **e);

/* Closes it. Fails if what was written may have got lost. */
int report_file_close(struct report_file *f, struct err **e);

#endif
