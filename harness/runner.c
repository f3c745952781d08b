#include "runner.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "stop.h"
#include "warmset.h"

#define TICK_MS   250
#define SLOTS_MAX 256

struct active {
	struct run *run[SLOTS_MAX + 1];
	int n;
	struct stage_template *building[SLOTS_MAX];
	int n_building;
	struct warmset warm;
	struct run *prepared; /* started, waiting for a slot */
	size_t first;         /* all runs before this one have ended */
};

static struct runner *current; /* for the guests' callback; one runner runs at a time */

static void forward_event(json_t *event, void *arg)
{
	if (current->on_event)
		current->on_event(arg, event, current->arg);
}

/* The machine that the run gets a copy of: NULL if there is none yet, or it needs none. */
static struct warm *find_warm(const struct active *a, const struct run *r)
{
	return r->warm ? warmset_find(&a->warm, r->stage, r->warm, r->shift) : NULL;
}

/* `of` (NULL: none) is the machine that it gets a copy of. */
static int start(struct runner *p, struct run *r, const struct vm *of, bool paused, struct err **e)
{
	cleanup_free char *job = json_dumps(r->job, JSON_COMPACT);
	struct vm_spec spec = {0};

	template_clone_spec(&r->stage->template, &spec);
	spec.of = of;
	spec.shift = r->shift;
	spec.job = job;
	spec.module = r->module;
	spec.module_size = r->module_size;
	spec.console = r->console;
	spec.paused = paused;
	r->guest.on_event = forward_event;
	r->guest.arg = r;
	if (guest_start(&r->guest, &spec, p->wall_s, e) < 0)
		return err_wrap(e, "%s", r->id);
	r->state = paused ? RUN_PREPARED : RUN_ACTIVE;
	return 0;
}

static void drop_empty_console(const struct run *r)
{
	struct stat st;

	if (r->console && stat(r->console, &st) == 0 && st.st_size == 0)
		unlink(r->console);
}

static void end(struct runner *p, struct run *r)
{
	struct guest *g = &r->guest;

	r->tries++;
	if (g->end == GUEST_LAB && r->tries == 1 && !stop_requested()) {
		guest_free(g);
		r->state = RUN_QUEUED;
		return;
	}
	r->end = g->end;
	r->why = take_ptr(g->why);
	r->observations = json_incref(g->observations);
	memcpy(r->digest, g->digest, sizeof(r->digest));
	r->virtual_ns = g->virtual_ns;
	r->wall_ms = (g->end_ns - g->vm.started_ns) / 1000000;
	guest_free(g);
	r->state = RUN_ENDED;
	drop_empty_console(r);
	if (!stop_requested())
		p->on_end(r, p->arg);
}

/* The first queued run whose template, and warm machine, are ready, else NULL. *unopened gets the
 * first template that is missing, *cold the first run whose machine is missing, if it comes before
 * that run. */
static struct run *next_run(struct runner *p, const struct active *a,
                            struct stage_template **unopened, struct run **cold)
{
	*unopened = NULL;
	*cold = NULL;
	for (size_t i = a->first; i < p->n; i++) {
		struct run *r = p->runs[i];

		if (r->state != RUN_QUEUED)
			continue;
		if (r->stage->state == STAGE_READY) {
			struct warm *w = find_warm(a, r);

			if (!r->warm || (w && w->state == WARM_READY))
				return r;
			if (!w && !*cold)
				*cold = r;
		}
		if (r->stage->state == STAGE_UNOPENED && !*unopened)
			*unopened = r->stage;
	}
	return NULL;
}

static void activate_prepared(struct runner *p, struct active *a)
{
	struct run *r = take_ptr(a->prepared);

	/* If it died while it waited, the ordinary way finds out and tries again. */
	vm_continue(&r->guest.vm, NULL);
	r->guest.vm.started_ns = host_now();
	r->guest.deadline = r->guest.vm.started_ns + p->wall_s * 1000000000LL;
	r->state = RUN_ACTIVE;
	a->run[a->n++] = r;
	if (p->on_start)
		p->on_start(r, p->arg);
}

static int open_stage(struct active *a, struct stage_template *s)
{
	stage_open(s);
	if (s->state == STAGE_BUILDING)
		a->building[a->n_building++] = s;
	return s->state == STAGE_FAILED ? -1 : 0;
}

static int fail_stage(const struct stage_template *s, struct err **e)
{
	if (s->status == EXIT_USAGE)
		return err_usage(e, "%s", s->why);
	return err_set(e, 0, "%s: %s", s->candidate->name, s->why);
}

/* It was tried and could not even begin: once more, or it ends so. */
static void miss(struct runner *p, struct run *r, const char *why)
{
	if (++r->tries == 1)
		return;
	r->end = GUEST_LAB;
	r->why = strdup(why);
	r->observations = json_object();
	r->state = RUN_ENDED;
	p->on_end(r, p->arg);
}

/* A copy of its machine, or a clone, if there is none for it. If the machine makes no copy, it is
 * given up. */
static int start_now(struct runner *p, struct active *a, struct run *r, struct err **e)
{
	struct warm *w = find_warm(a, r);
	cleanup_err struct err *why = NULL;

	if (start(p, r, w ? &w->guest.vm : NULL, false, w ? &why : e) < 0) {
		if (!w)
			return -1;
		guest_free(&r->guest);
		warmset_drop(&a->warm, w);
		miss(p, r, why->msg);
		return 0;
	}
	a->run[a->n++] = r;
	if (p->on_start)
		p->on_start(r, p->arg);
	return 0;
}

/* Fills the slots; beyond them, starts one more that waits. */
static int fill(struct runner *p, struct active *a, struct err **e)
{
	for (;;) {
		bool full = a->n + a->n_building + a->warm.warming_up >= p->slots;
		struct stage_template *unopened;
		struct run *r, *cold;

		r = next_run(p, a, &unopened, &cold);
		if (!full && unopened && !a->n_building) {
			if (open_stage(a, unopened) < 0)
				return fail_stage(unopened, e);
			continue;
		}
		if (!full && a->prepared) {
			activate_prepared(p, a);
			continue;
		}
		if (!full && cold && !a->warm.warming_up) {
			if (warmset_start(&a->warm, cold->stage, cold->warm, cold->shift, p->wall_s,
			                  e) < 0)
				return -1;
			continue;
		}
		if (!r || (full && (a->prepared || r->warm)))
			return 0;
		if (full) {
			if (start(p, r, NULL, true, e) < 0)
				return -1;
			a->prepared = r;
			return 0;
		}
		if (start_now(p, a, r, e) < 0)
			return -1;
	}
}

static void wait_for_any(const struct active *a)
{
	struct pollfd p[2 * SLOTS_MAX + WARMSET_MAX + 2];
	int n = 0;

	p[n++] = (struct pollfd){.fd = stop_fd(), .events = POLLIN};
	for (int i = 0; i < a->n; i++)
		p[n++] = (struct pollfd){.fd = a->run[i]->guest.vm.events_fd, .events = POLLIN};
	for (int i = 0; i < a->n_building; i++)
		p[n++] = (struct pollfd){.fd = a->building[i]->report_fd, .events = POLLIN};
	for (int i = 0; i < a->warm.n; i++)
		if (a->warm.warm[i]->state == WARM_UP)
			p[n++] = (struct pollfd){.fd = a->warm.warm[i]->guest.vm.events_fd,
			                         .events = POLLIN};
	poll(p, n, TICK_MS);
}

/* The next queued run, from the i-th on, that gets a copy of w; NULL: there is none. */
static struct run *next_copy(const struct runner *p, const struct active *a, const struct warm *w,
                             size_t *i)
{
	for (; *i < p->n; ++*i)
		if (p->runs[*i]->state == RUN_QUEUED && find_warm(a, p->runs[*i]) == w)
			return p->runs[(*i)++];
	return NULL;
}

struct both {
	struct runner *runner;
	struct active *active;
};

/* Whoever waits for it has missed a try. */
static void machine_failed(const struct warm *w, void *arg)
{
	const struct both *b = arg;
	size_t i = b->active->first;
	struct run *r;

	while ((r = next_copy(b->runner, b->active, w, &i)))
		miss(b->runner, r, w->guest.why ? w->guest.why : "it did not warm up");
}

static bool is_wanted(const struct warm *w, void *arg)
{
	const struct both *b = arg;
	size_t i = b->active->first;

	return next_copy(b->runner, b->active, w, &i);
}

static int collect(struct runner *p, struct active *a, struct err **e)
{
	struct both both = {p, a};
	bool any = false;

	warmset_read(&a->warm, machine_failed, &both);
	for (int i = 0; i < a->n;) {
		struct run *r = a->run[i];

		if (!guest_read(&r->guest)) {
			i++;
			continue;
		}
		a->run[i] = a->run[--a->n];
		end(p, r);
		any = true;
	}
	while (a->first < p->n && p->runs[a->first]->state == RUN_ENDED)
		a->first++;
	if (any)
		warmset_keep_wanted(&a->warm, is_wanted, &both);
	for (int i = 0; i < a->n_building;) {
		struct stage_template *s = a->building[i];
		struct pollfd ended = {.fd = s->report_fd, .events = POLLIN};

		if (poll(&ended, 1, 0) <= 0) {
			i++;
			continue;
		}
		a->building[i] = a->building[--a->n_building];
		stage_finish(s);
		if (s->state == STAGE_FAILED)
			return fail_stage(s, e);
	}
	return 0;
}

int runner_run(struct runner *p, struct err **e)
{
	struct active a = {.n = 0};
	int status = 0;

	if (p->slots > SLOTS_MAX)
		p->slots = SLOTS_MAX;
	current = p;
	while (status == 0) {
		if (stop_requested())
			status = -1;
		else
			status = fill(p, &a, e);
		if (status < 0 || (!a.n && !a.n_building && !a.warm.warming_up && !a.prepared))
			break;
		wait_for_any(&a);
		status = collect(p, &a, e);
		if (p->on_tick)
			p->on_tick(p->arg);
	}
	for (int i = 0; i < a.n; i++)
		guest_free(&a.run[i]->guest);
	if (a.prepared)
		guest_free(&a.prepared->guest);
	warmset_free(&a.warm);
	for (int i = 0; i < a.n_building; i++)
		stage_close(a.building[i]);
	current = NULL;
	return status;
}

void run_free(struct run *r)
{
	if (r->state == RUN_ACTIVE || r->state == RUN_PREPARED)
		guest_free(&r->guest);
	json_decref(r->job);
	json_decref(r->observations);
	free(r->id);
	free(r->console);
	free(r->why);
	memset(r, 0, sizeof(*r));
}
