/* What every verb that runs guests needs: an image, a kernel, and the template of both. */
#ifndef PAMLAB_LAB_H
#define PAMLAB_LAB_H

#include <stdbool.h>

#include "accel.h"
#include "err.h"
#include "image.h"
#include "kernel.h"
#include "template.h"

#define LAB_MEMORY_MB 512

struct lab_options {
	const char *image;  /* NULL: debian12 */
	const char *kernel; /* NULL: 6.1 */
	const char *accel;  /* NULL: auto */
	bool quiet;         /* say nothing of what is being built */
};

struct lab {
	enum accel accel;
	struct image image;
	struct kernel kernel;
	struct template base;
	char *qemu; /* version */
};

/* Gets all of it ready; what is not in the cache is built, and said on standard error. */
int lab_open(const struct lab_options *options, struct lab *lab, struct err **e);

void lab_close(struct lab *lab);
#define cleanup_lab __attribute__((cleanup(lab_close)))

#endif
