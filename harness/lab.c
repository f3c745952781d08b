#include "lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

static void say(const char *line, void *arg)
{
	const struct lab_options *options = arg;

	if (!options->quiet)
		fprintf(stderr, "  %s\n", line);
}

int lab_open(const struct lab_options *o, struct lab *lab, struct err **e)
{
	memset(lab, 0, sizeof(*lab));
	lab->base.entry = STORE_NONE;
	if (accel_choose(o->accel, &lab->accel, NULL, e) < 0 ||
	    qemu_find(NULL, &lab->qemu, e) < 0 ||
	    image_get(o->image ? o->image : "debian12", true, say, (void *)o, &lab->image, e) < 0 ||
	    kernel_get(o->kernel, true, say, (void *)o, &lab->kernel, e) < 0)
		goto fail;
	struct machine m = {
	    .accel = lab->accel,
	    .memory_mb = LAB_MEMORY_MB,
	    .kernel = lab->kernel.vmlinuz,
	    .kernel_hash = lab->kernel.hash,
	    .image_cpio = lab->image.cpio,
	    .image_hash = lab->image.hash,
	};
	if (template_base(&m, say, (void *)o, &lab->base, e) < 0)
		goto fail;
	return 0;
fail:
	lab_close(lab);
	return -1;
}

void lab_close(struct lab *lab)
{
	if (lab->base.key)
		template_free(&lab->base);
	kernel_free(&lab->kernel);
	image_free(&lab->image);
	free(lab->qemu);
	memset(lab, 0, sizeof(*lab));
	lab->base.entry = STORE_NONE;
}
