/* Frozen machines that cases are cloned from. A base template is an image and a kernel, booted
 * until the agent polls for jobs. A derived template is a base template that has worked off a stage
 * job: candidate, PAM stack, propagation of /, sshd and victims are in place. Both are kept in the
 * cache under a hash of everything that went into them. */
#ifndef PAMLAB_TEMPLATE_H
#define PAMLAB_TEMPLATE_H

#include <jansson.h>
#include <stddef.h>

#include "builder.h"
#include "err.h"
#include "hash.h"
#include "store.h"
#include "vm.h"

/* What a guest is made of. The strings belong to who filled it in. */
struct machine {
	enum accel accel;
	unsigned memory_mb;
	const char *kernel, *kernel_hash;
	const char *image_cpio, *image_hash;
};

struct template
{
	struct machine machine;
	char *key; /* 16 hex digits */
	struct store_entry entry;
	char *ram, *state, *kernel_stub;
	json_t *stage;      /* observations of the stage job; NULL for a base template */
	bool fresh;         /* made just now, not found */
	char sum[HASH_HEX]; /* of its content: tells this making of the template from another */
};

/* Disk space that templates may take; more is freed by removing what was used longest ago. */
#define TEMPLATES_MAX_BYTES (12LL << 30)

/* The base template of a machine. progress is told before a machine is booted, which takes a while.
 */
int template_base(const struct machine *m, progress_fn progress, void *arg, struct template *t,
                  struct err **e);

/* Boots the same machine once more, to nothing: what a case would cost without templates. */
int template_boot_again(const struct template *base, struct err **e);

/* The template that comes from base by a stage job (docs/architecture.md). `module` are the
 * candidate's bytes, NULL if the job names none or one of the image. */
int template_derive(const struct template *base, json_t *stage, const void *module,
                    size_t module_size, struct template *t, struct err **e);

/* Is that template in the cache? (It may still turn out to be damaged.) */
bool template_derived_exists(const struct template *base, json_t *stage, const void *module,
                             size_t module_size);

void template_free(struct template *t);
#define cleanup_template __attribute__((cleanup(template_free)))

/* Fills in what makes a VM a clone of t; the caller adds job, console and schedule. */
void template_clone_spec(const struct template *t, struct vm_spec *spec);

/* Removes templates that nobody uses until they fit TEMPLATES_MAX_BYTES. */
void templates_trim(void);

#endif
