#include "warm.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stack.h"

/* What most cases do and look at. */
static json_t *make_job(const struct candidate *c, const char *entry, struct err **e)
{
	json_t *without = stack_expand("required", NULL, NULL, "last", e), *with;

	if (!without)
		return NULL;
	with = stack_expand("required", c->file, c->args, "last", e);
	if (!with) {
		json_decref(without);
		return NULL;
	}
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:[s, s, s, s], s:[s, s, s, s, s, s, s, s, s], s:o, s:o}", "id",
	    "warm-up", "job", "warm", "entry", entry, "user", "alice", "steps", "list", "proc-self",
	    "proc-mounts", "hold", "observe", "host.during.session_isolated",
	    "host.during.session_pids", "host.during.proc_ok", "host.during.mounts_added",
	    "host.after.new_processes", "host.after.new_pid_namespaces",
	    "host.after.new_mnt_namespaces", "host.after.mounts_lost", "host.after.proc_ok",
	    "files", without, "files_after", with);
}

int warm_start(struct warm *w, const struct stage_template *stage, const char *entry, int shift,
               int wall_s, struct err **e)
{
	cleanup_json json_t *job = make_job(stage->candidate, entry, e);
	cleanup_free char *text = job ? json_dumps(job, JSON_COMPACT) : NULL;
	struct vm_spec spec = {0};

	*w = (struct warm){.stage = stage, .entry = entry, .shift = shift};
	if (!text)
		return -1;
	template_clone_spec(&stage->template, &spec);
	spec.shift = shift;
	spec.job = text;
	spec.copies = true;
	return guest_start(&w->guest, &spec, wall_s, e);
}

void warm_read(struct warm *w)
{
	if (w->state == WARM_UP && guest_read(&w->guest))
		w->state = w->guest.end == GUEST_DONE ? WARM_READY : WARM_FAILED;
}

void warm_free(struct warm *w)
{
	guest_free(&w->guest);
}
