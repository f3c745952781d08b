/* Options that verbs share: modules, ways in, and the lab in which they meet. */
#ifndef PAMLAB_OPTIONS_H
#define PAMLAB_OPTIONS_H

#include <getopt.h>
#include <stddef.h>

#include "err.h"
#include "lab.h"

struct subject {
	char **modules; /* as named with -m; NULL at the end */
	size_t n_modules;
	const char *args, *contract;
	char **entries; /* NULL at the end; NULL: none was named */
	struct lab_options lab;
	unsigned slots; /* guests at a time */
};

/* Codes of the long ones; those of a verb's own begin at OPT_OWN. */
enum { OPT_ARGS = 256, OPT_CONTRACT, OPT_IMAGE, OPT_KERNEL, OPT_ACCEL, OPT_HELP, OPT_OWN };

/* For the tables of getopt_long(3). */
#define OPTIONS_LAB                                                                                \
	{"image", required_argument, NULL, OPT_IMAGE},                                             \
	    {"kernel", required_argument, NULL, OPT_KERNEL},                                       \
	    {"accel", required_argument, NULL, OPT_ACCEL},                                         \
	{                                                                                          \
		"help", no_argument, NULL, OPT_HELP                                                \
	}
#define OPTIONS_MODULE                                                                             \
	{"module", required_argument, NULL, 'm'},                                                  \
	{                                                                                          \
		"args", required_argument, NULL, OPT_ARGS                                          \
	}
#define OPTIONS_SUBJECT                                                                            \
	OPTIONS_MODULE, {"contract", required_argument, NULL, OPT_CONTRACT},                       \
	    {"entry", required_argument, NULL, 'e'}, {"jobs", required_argument, NULL, 'j'},       \
	    OPTIONS_LAB

/* Takes --image, --kernel or --accel. 1: it was one of these, 0: it was not. */
int options_lab(int option, struct lab_options *lab);

/* One guest for each processor. */
void subject_init(struct subject *s);
/* Takes one of OPTIONS_SUBJECT. 1: it was, 0: it was not; < 0 with an EXIT_USAGE error. */
int subject_take(int option, struct subject *s, struct err **e);
void subject_free(struct subject *s);

/* The next option, as of getopt_long(3), or -1 at the end. What is unknown, and what lacks its
 * value, is -2 with an EXIT_USAGE error that names the verb, argv[0]. */
int options_next(int argc, char **argv, const char *letters, const struct option *table,
                 struct err **e);
/* Before the first. */
void options_begin(void);

/* options_append grows a list of words, NULL at its end, by a copy of one. options_number and
 * options_entries read a value; errors are EXIT_USAGE. */
void options_append(char ***list, size_t *n, const char *word);
int options_number(const char *what, const char *text, unsigned least, unsigned most, unsigned *out,
                   struct err **e);
int options_entries(const char *text, char ***words, struct err **e);
void options_free_words(char **words);

#endif
