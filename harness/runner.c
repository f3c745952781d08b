#include "runner.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "stop.h"
#include "warm.h"

#define TICK_MS   250
#define SLOTS_MAX 256
#define WARM_MAX  16 /* each has some 150 MB for itself */

struct active {
	struct run *run[SLOTS_MAX + 1];
	int n;
	struct stage_template *building[SLOTS_MAX];
	int n_building;
	struct warm *warm[WARM_MAX];
	int n_warm, n_warming;
	struct run *prepared; /* started, waiting for a slot */
};

static struct runner *current; /* for the guests' callback; one runner runs at a time */

static void forward_event(json_t *event, void *arg)
{
	if (current->on_event)
		current->on_event(arg, event, current->arg);
}

static struct warm *find_warm(const struct active *a, const struct run *r)
{
	for (int i = 0; i < a->n_warm; i++) {
		struct warm *w = a->warm[i];

		if (w->stage == r->stage && w->shift == r->shift && !strcmp(w->entry, r->warm))
			return w;
	}
	return NULL;
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
	for (size_t i = 0; i < p->n; i++) {
		struct run *r = p->runs[i];

		if (r->state != RUN_QUEUED)
			continue;
		if (r->stage->state == STAGE_READY) {
			struct warm *w = r->warm ? find_warm(a, r) : NULL;

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

static void drop_warm(struct active *a, int i)
{
	warm_free(a->warm[i]);
	free(a->warm[i]);
	a->warm[i] = a->warm[--a->n_warm];
}

static int warm_up(struct runner *p, struct active *a, const struct run *r, struct err **e)
{
	struct warm *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	for (int i = 0; a->n_warm == WARM_MAX; i++)
		if (a->warm[i]->state == WARM_READY)
			drop_warm(a, i);
	a->warm[a->n_warm++] = w;
	a->n_warming++;
	return warm_start(w, r->stage, r->warm, r->shift, p->wall_s, e);
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

/* Those that nobody waits for any more. */
static void drop_idle(struct runner *p, struct active *a)
{
	for (int i = 0; i < a->n_warm;) {
		bool wanted = a->warm[i]->state != WARM_READY;

		for (size_t j = 0; j < p->n && !wanted; j++)
			wanted = p->runs[j]->state == RUN_QUEUED && p->runs[j]->warm &&
			         find_warm(a, p->runs[j]) == a->warm[i];
		if (wanted)
			i++;
		else
			drop_warm(a, i);
	}
}

/* A copy of its machine, or a clone, if there is none for it. If the machine makes no copy, it is
 * given up. */
static int start_now(struct runner *p, struct active *a, struct run *r, struct err **e)
{
	struct warm *w = r->warm ? find_warm(a, r) : NULL;
	cleanup_err struct err *why = NULL;

	if (start(p, r, w ? &w->guest.vm : NULL, false, w ? &why : e) < 0) {
		if (!w)
			return -1;
		guest_free(&r->guest);
		for (int i = 0; i < a->n_warm; i++)
			if (a->warm[i] == w)
				drop_warm(a, i--);
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
		bool full = a->n + a->n_building + a->n_warming >= p->slots;
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
		if (!full && cold && !a->n_warming) {
			if (warm_up(p, a, cold, e) < 0)
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
	struct pollfd p[2 * SLOTS_MAX + WARM_MAX + 2];
	int n = 0;

	p[n++] = (struct pollfd){.fd = stop_fd(), .events = POLLIN};
	for (int i = 0; i < a->n; i++)
		p[n++] = (struct pollfd){.fd = a->run[i]->guest.vm.events_fd, .events = POLLIN};
	for (int i = 0; i < a->n_building; i++)
		p[n++] = (struct pollfd){.fd = a->building[i]->report_fd, .events = POLLIN};
	for (int i = 0; i < a->n_warm; i++)
		if (a->warm[i]->state == WARM_UP)
			p[n++] =
			    (struct pollfd){.fd = a->warm[i]->guest.vm.events_fd, .events = POLLIN};
	poll(p, n, TICK_MS);
}

/* Whoever waits for a machine that failed has missed a try. */
static void collect_warm(struct runner *p, struct active *a)
{
	a->n_warming = 0;
	for (int i = 0; i < a->n_warm;) {
		struct warm *w = a->warm[i];

		warm_read(w);
		if (w->state == WARM_UP)
			a->n_warming++;
		if (w->state != WARM_FAILED) {
			i++;
			continue;
		}
		for (size_t j = 0; j < p->n && w->guest.why; j++)
			if (p->runs[j]->state == RUN_QUEUED && p->runs[j]->warm &&
			    find_warm(a, p->runs[j]) == w)
				miss(p, p->runs[j], w->guest.why);
		drop_warm(a, i);
	}
}

static int collect(struct runner *p, struct active *a, struct err **e)
{
	bool any = false;

	collect_warm(p, a);
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
	if (any)
		drop_idle(p, a);
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
		if (status < 0 || (!a.n && !a.n_building && !a.n_warming && !a.prepared))
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
	while (a.n_warm)
		drop_warm(&a, 0);
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
