#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "hash.h"
#include "job.h"
#include "paths.h"

/* By the template and by all that the guest is told to do: a control of a scenario whose words
 * alone have changed is the same. */
static char *path_of(const struct template *t, const char *entry, const struct scenario *s,
                     int shift, const struct stage *stage)
{
	cleanup_json json_t *job = job_make(&s, 1, "control", entry, 0);
	cleanup_free char *set = stage_text(stage);
	cleanup_free char *text = json_dumps(job, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[HASH_HEX];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	hash_add_text(&ctx, t->key);
	hash_add_text(&ctx, text);
	hash_add_text(&ctx, set);
	hash_add(&ctx, &shift, sizeof(shift));
	hash_end(&ctx, hex);
	hex[32] = '\0';
	return path_cache("controls/%s.json", hex);
}

json_t *control_find(const struct template *t, const char *entry, const struct scenario *s,
                     int shift, const struct stage *stage)
{
	cleanup_free char *path = path_of(t, entry, s, shift, stage);
	json_t *kept = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(kept))
		return kept;
	json_decref(kept);
	return NULL;
}

int control_keep(const struct template *t, const char *entry, const struct scenario *s, int shift,
                 const struct stage *stage, const json_t *observations, struct err **e)
{
	cleanup_free char *path = path_of(t, entry, s, shift, stage),
	                  *folder = path_cache("controls");
	cleanup_json json_t *names = job_observed(s), *seen = json_object();
	cleanup_free char *text = NULL;
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		const char *key = json_string_value(name);
		json_t *value = json_object_get(observations, key);

		if (value)
			json_object_set(seen, key, value);
	}
	text = json_dumps(seen, JSON_COMPACT);
	if (make_dirs(folder, e) < 0)
		return -1;
	return write_file(path, text, strlen(text), e);
}
