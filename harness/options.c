#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "entry.h"

int options_lab(int option, struct lab_options *lab)
{
	switch (option) {
	case OPT_IMAGE:
		lab->image = optarg;
		return 1;
	case OPT_KERNEL:
		lab->kernel = optarg;
		return 1;
	case OPT_ACCEL:
		lab->accel = optarg;
		return 1;
	default:
		return 0;
	}
}

void subject_init(struct subject *s)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*s = (struct subject){.slots = cpus > 0 ? cpus : 1};
}

int subject_take(int option, struct subject *s, struct err **e)
{
	switch (option) {
	case 'm':
		options_append(&s->modules, &s->n_modules, optarg);
		return 1;
	case OPT_ARGS:
		s->args = optarg;
		return 1;
	case OPT_CONTRACT:
		s->contract = optarg;
		return 1;
	case 'e':
		return options_entries(optarg, &s->entries, e) < 0 ? -1 : 1;
	case 'j':
		return options_number("--jobs", optarg, 1, 256, &s->slots, e) < 0 ? -1 : 1;
	default:
		return options_lab(option, &s->lab);
	}
}

void subject_free(struct subject *s)
{
	options_free_words(s->modules);
	options_free_words(s->entries);
	*s = (struct subject){0};
}

void options_begin(void)
{
	opterr = 0;
	optind = 1;
}

int options_next(int argc, char **argv, const char *letters, const struct option *table,
                 struct err **e)
{
	int option = getopt_long(argc, argv, letters, table, NULL);

	if (option != ':' && option != '?')
		return option;
	err_usage(e,
	          option == ':' ? "%s needs a value: pamlab %s --help"
	                        : "no option \"%s\": pamlab %s --help",
	          argv[optind - 1], argv[0]);
	return -2;
}

void options_append(char ***list, size_t *n, const char *word)
{
	*list = realloc(*list, (*n + 2) * sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*n)++] = strdup(word);
	(*list)[*n] = NULL;
}

int options_number(const char *what, const char *text, unsigned least, unsigned most, unsigned *out,
                   struct err **e)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < least || n > most)
		return err_usage(e, "%s takes a number from %u to %u, not \"%s\"", what, least,
		                 most, text);
	*out = n;
	return 0;
}

int options_entries(const char *text, char ***words, struct err **e)
{
	cleanup_free char *copy = strdup(text);
	char *save = NULL;
	size_t n = 0;

	while (*words && (*words)[n])
		n++;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		if (entry_check(w, e) < 0)
			return -1;
		options_append(words, &n, w);
	}
	if (!n)
		return err_usage(e, "--entry names no entry: see `pamlab list entries`");
	return 0;
}

void options_free_words(char **words)
{
	for (char **w = words; w && *w; w++)
		free(*w);
	free(words);
}
