/* Whether two results can be compared at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"
#include "printable.h"
#include "text.h"

/* `refused`: a difference here has another meaning than the module's. The others are known to leave
 * verdicts alone, and costs all but some microseconds. */
static const struct {
	const char *key, *name;
	bool refused;
	const char *effect;
} traits[] = {
    {"format", "format of the event log", true, NULL},
    {"image", "image", true, NULL},
    {"image_hash", "content of the image", true, NULL},
    {"kernel", "kernel", true, NULL},
    {"kernel_hash", "content of the kernel", true, NULL},
    {"accel", "accelerator", true, NULL},
    {"strict", "--strict", true, NULL},
    {"version", "pamlab", false, "scenarios and the programs in the guest may differ"},
    {"qemu", "QEMU", false, "another may count devices' work otherwise"},
    {"template", "template", false, "costs may differ by some microseconds"},
    {"booted", "booting of the template", false,
     "two bootings of one machine differ by some microseconds of cost"},
};
#define TRAITS (sizeof(traits) / sizeof(*traits))

static char *shown(const json_t *value)
{
	cleanup_free char *text = printable_json(value, NULL);

	/* of a hash, the beginning tells enough */
	return json_is_string(value) && strlen(text) == 64 ? strndup(text, 12) : take_ptr(text);
}

static char *difference(size_t trait, const json_t *was, const json_t *is)
{
	cleanup_free char *a = shown(was), *b = shown(is);

	return text_format("%s: %s in the base, %s in the new one", traits[trait].name, a, b);
}

static bool same(const json_t *a, const json_t *b)
{
	return (!a && !b) || (a && b && json_equal(a, b));
}

/* A template that is another has been booted at another time: that is said once. */
static bool follows(size_t trait, bool template_differs)
{
	return template_differs && !strcmp(traits[trait].key, "booted");
}

int compare_identity(const struct results *base, const struct results *now, json_t *notes,
                     struct err **e)
{
	cleanup_free char *refused = NULL;
	size_t len, n = 0;
	FILE *out = open_memstream(&refused, &len);
	bool template_differs = false;

	for (size_t i = 0; i < TRAITS; i++) {
		const json_t *was = json_object_get(base->identity, traits[i].key);
		const json_t *is = json_object_get(now->identity, traits[i].key);
		cleanup_free char *text = NULL;

		if (same(was, is) || follows(i, template_differs))
			continue;
		template_differs |= !strcmp(traits[i].key, "template");
		text = difference(i, was, is);
		if (traits[i].refused)
			fprintf(out, "%s%s", n++ ? "; " : "", text);
		else
			compare_note(notes, text_format("%s: %s", text, traits[i].effect));
	}
	fclose(out);
	if (!n)
		return 0;
	return err_usage(e, "%s and %s cannot be compared: %s", base->path, now->path, refused);
}
