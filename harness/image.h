/* Images: root file systems that guests boot. A recipe is images/NAME/build (see docs/images.md);
 * what it made is kept in the cache under a hash of the recipe. */
#ifndef PAMLAB_IMAGE_H
#define PAMLAB_IMAGE_H

#include <stdbool.h>

#include "builder.h"
#include "err.h"

struct image {
	char *name;     /* as in case ids: "debian12", or the name of the user's file */
	char *cpio;     /* path of the root file system, a newc archive */
	char *hash;     /* SHA-256 of it, 64 hex digits */
	char *packages; /* path of the list of packages, "NAME VERSION" a line; NULL: unknown */
	char *modules;  /* path of the list of PAM modules in it, a line each; NULL: unknown */
};

/* Finds the image: the name of a recipe, or the path of a .cpio or .tar* that is one. If it is not
 * in the cache it is built (some 40 s, needs the Debian archive) when build is true, and an error
 * otherwise. Fills *out, which the caller frees with image_free. */
int image_get(const char *name, bool build, progress_fn progress, void *arg, struct image *out,
              struct err **e);

/* Names of all recipes, NULL at the end; to be freed with image_names_free. */
char **image_names(void);
void image_names_free(char ***names);

void image_free(struct image *image);
#define cleanup_image __attribute__((cleanup(image_free)))

#endif
