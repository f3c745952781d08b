#include "run_line.h"

#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "eventlog.h"
#include "printable.h"
#include "verbs.h"

static json_t *text(const char *s)
{
	return s ? json_text(s, strlen(s)) : json_null();
}

json_t *run_line(const struct lab *lab, const char *dir, const char *const *argv)
{
	cleanup_free char *started = eventlog_time(time(NULL));
	json_t *words = json_array();

	for (const char *const *a = argv; a && *a; a++)
		json_array_append_new(words, text(*a));
	return json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o}",
	                 "type", "run", "format", EVENTLOG_FORMAT, "version", PAMLAB_VERSION,
	                 "started", started, "image", text(lab->image.name), "image_hash",
	                 lab->image.hash, "kernel", text(lab->kernel.name), "kernel_hash",
	                 lab->kernel.hash, "template", lab->base.key, "qemu", lab->qemu, "accel",
	                 accel_name(lab->accel), "dir", text(dir), "argv", words);
}

json_t *run_line_module(const struct candidate *c)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "name", text(c->name), "path", text(c->path),
	                 "args", text(c->args), "contract", text(c->contract->path));
}
