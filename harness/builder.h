/* Makes something that takes long, once, and keeps it in the cache: images and kernels.
 *
 * Everything is made in a temporary directory beside its final place and renamed when it is whole.
 * A lock for each name keeps two runs from making the same thing twice; what a builder left behind
 * that died is removed by the next one. */
#ifndef PAMLAB_BUILDER_H
#define PAMLAB_BUILDER_H

#include <signal.h>

#include "err.h"

/* Is told what happens, a line at a time, without a newline. */
typedef void (*progress_fn)(const char *line, void *arg);

struct build {
	char *dir;    /* make everything in here */
	char *family; /* the directory in the cache: images, kernels */
	int lock;
	int kept;
	int blocked; /* SIGINT, SIGTERM and SIGHUP wait until build_end */
	sigset_t before;
};
#define BUILD_INIT                                                                                 \
	{                                                                                          \
		.lock = -1                                                                         \
	}

/* Takes the lock NAME of the family (a directory of the cache; waits for another builder, and says
 * so), sweeps up, and makes b->dir. */
int build_begin(struct build *b, const char *family, const char *name, progress_fn progress,
                void *arg, struct err **e);

/* Takes what was made out of b->dir into FAMILY/ENTRY, replacing what is there. */
int build_keep(struct build *b, const char *entry, struct err **e);

/* Removes what was not kept and releases the lock. A signal that came meanwhile is delivered now.
 */
void build_end(struct build *b);
#define cleanup_build __attribute__((cleanup(build_end)))

/* Runs a recipe's script until it is over. Of its output, lines "I: ..." and "W: ..." go to
 * progress and the last "E: ..." becomes the error. SIGINT, SIGTERM or SIGHUP end the script and
 * its children first, and take their course in build_end. */
int run_script(struct build *b, char *const argv[], progress_fn progress, void *arg,
               struct err **e);

/* SHA-256, 64 hex digits, to be freed; NULL on error. */
char *hash_file(const char *path, struct err **e);

/* The same of all files below a directory: their names, whether they are executable, and what they
 * contain. */
char *hash_tree(const char *path, struct err **e);

/* First line of the file DIR/NAME, without its newline, to be freed; NULL on error. */
char *read_line(const char *dir, const char *name, struct err **e);

#endif
