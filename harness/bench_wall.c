/* Wall time: what a login takes by the host's clock, under the accelerator at hand.
 *
 * The host cannot see the exec of the entry. What it sees is when two events arrive: that the agent
 * is about to order the login, and that the driver has said that it is over. Both are written by
 * port I/O, which stops the guest until they are out, so between them lies the login, the driver's
 * share of it (starting a terminal and a process) and two hops to this process.
 *
 * The guests run one at a time: none is measured while another runs or starts. A block is a clone
 * of each module for each entry. Those of one entry follow each other, in an order that is drawn
 * anew each time, so that whatever the host does meanwhile falls on all modules alike. Clones of a
 * block begin their logins at the same phase of the guest's clock, and those of another at another:
 * else each block would be the same run again, and no sample of anything but the host. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "campaign.h"
#include "cleanup.h"
#include "guest.h"
#include "stats.h"
#include "stop.h"

#define BLOCKS_MIN   5
#define BLOCKS_MAX   20 /* as many as compare_wall.c needs */
#define BLOCK_LOGINS 10 /* in each clone, if that leaves enough blocks */
#define WARM_UP      1  /* the emulator has not translated any code yet; not counted */
#define PAUSE_NS     50000000
#define PHASES_NS    10000000 /* a multiple of every timer's period */
#define HANGS_MOST   5        /* clones in which a login hangs, until there are no more */
#define GUEST_WALL_S 900
#define DEADLINE_NS  900000000000LL

/* One clone, while it runs. */
struct clone {
	int64_t began; /* of the login that is under way, host_now() */
	json_t *wall, *window, *idle;
	size_t seen, failed;
	bool hung;
};

/* The clones of a block. */
struct block {
	unsigned number, logins;
	int64_t pause_ns;
};

static void take_login(struct clone *c, const json_t *login)
{
	const json_t *idle = json_object_get(login, "idle_ns");
	bool finished = json_is_true(json_object_get(login, "finished"));

	c->seen++;
	c->hung = json_is_true(json_object_get(login, "hung"));
	c->failed += !finished || c->hung;
	if (c->seen <= WARM_UP)
		return;
	if (!finished || c->hung) {
		json_array_remove(c->wall, json_array_size(c->wall) - 1);
		return;
	}
	json_array_append(c->window, json_object_get(login, "window_ns"));
	if (idle)
		json_array_append(c->idle, (json_t *)idle);
}

static void take_event(json_t *event, void *arg)
{
	const char *name = json_string_value(json_object_get(event, "name"));
	struct clone *c = arg;
	int64_t now = host_now();

	if (!name)
		return;
	if (!strcmp(name, "bench.begin"))
		c->began = now;
	else if (!strcmp(name, "bench.returned") && c->seen >= WARM_UP)
		json_array_append_new(c->wall, json_integer(now - c->began));
	else if (!strcmp(name, "bench.login"))
		take_login(c, json_object_get(event, "value"));
}

/* Takes c's lists. */
static void log_clone(struct bench *b, const struct bench_module *m, const char *entry,
                      const struct block *block, struct clone *c, const char *why)
{
	cleanup_free char *id = case_id(&b->lab, m->candidate.name, entry, BENCH_SCENARIO, 0, 0);

	bench_log(b, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:I, s:o, s:o, s:o, "
	                       "s:s?}",
	                       "type", "bench", "kind", "wall", "id", id, "module",
	                       m->candidate.name, "entry", entry, "block", (int)block->number,
	                       "warm_up", WARM_UP, "failed", (int)c->failed, "hung", c->hung,
	                       "pause_ns", (json_int_t)block->pause_ns, "wall_ns", c->wall,
	                       "window_ns", c->window, "idle_ns", c->idle, "why", why));
}

/* Takes c's lists. */
static int run_clone(struct bench *b, const struct bench_module *m, const char *entry,
                     const struct block *block, struct clone *c, struct err **e)
{
	cleanup_free char *id = case_id(&b->lab, m->candidate.name, entry, BENCH_SCENARIO, 0, 0);
	cleanup_guest struct guest g = {.vm = VM_NONE};
	cleanup_json json_t *job = json_pack(
	    "{s:s, s:s, s:s, s:[s, s], s:i, s:I, s:I}", "id", id, "job", "bench", "entry", entry,
	    "steps", "readdir", "exit 0", "logins", (int)(block->logins + WARM_UP), "pause_ns",
	    (json_int_t)block->pause_ns, "deadline_ns", (json_int_t)DEADLINE_NS);
	cleanup_free char *text = NULL;
	struct vm_spec spec = {0};

	bench_add_patience(job, entry);
	text = json_dumps(job, JSON_COMPACT);
	template_clone_spec(&m->stage.template, &spec);
	spec.job = text;
	g.on_event = take_event;
	g.arg = c;
	if (guest_start(&g, &spec, GUEST_WALL_S, e) < 0)
		return -1;
	guest_wait(&g, false);
	if (stop_requested())
		return -1;
	b->lab_failures += g.end == GUEST_LAB;
	log_clone(b, m, entry, block, c, g.why);
	return 0;
}

/* A module with which logins hang does so by the instant at which they begin, or always, and each
 * takes as long as the agent's patience. *hangs is of this module through this entry. */
static int measure(struct bench *b, const struct bench_module *m, const char *entry,
                   const struct block *block, unsigned *hangs, struct err **e)
{
	struct clone c = {.wall = json_array(), .window = json_array(), .idle = json_array()};

	if (*hangs >= HANGS_MOST) {
		log_clone(b, m, entry, block, &c, "not tried: logins hung in five others");
		return 0;
	}
	if (run_clone(b, m, entry, block, &c, e) < 0)
		return -1;
	*hangs += c.hung;
	return 0;
}

static size_t count_entries(const struct bench *b)
{
	size_t n = 0;

	while (b->entries[n])
		n++;
	return n;
}

/* All modules through one entry, one after the other. */
static int run_entry(struct bench *b, const char *entry, const struct block *block, unsigned *hangs,
                     struct stats_random *random, struct err **e)
{
	cleanup_free size_t *order = calloc(b->n_modules, sizeof(*order));

	if (!order)
		abort();
	stats_shuffle(random, order, b->n_modules);
	for (size_t i = 0; i < b->n_modules; i++) {
		size_t m = order[i];

		if (stop_requested() || measure(b, &b->modules[m], entry, block, &hangs[m], e) < 0)
			return -1;
		bench_progress(b, ++b->done, b->planned, "clones for wall time");
	}
	return 0;
}

/* An event's time is that at which this process reads it: it must not wait for a processor behind
 * others. Guests are not to be first, and who may not ask for that goes without. */
static void be_first(void)
{
	struct sched_param first = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first) < 0)
		return;
}

static void be_as_others(void)
{
	struct sched_param plain = {0};

	sched_setscheduler(0, SCHED_OTHER, &plain);
}

static int run_blocks(struct bench *b, unsigned blocks, unsigned logins, unsigned *hangs,
                      struct err **e)
{
	struct stats_random random;

	stats_seed(&random, b->o->seed);
	for (unsigned i = 0; i < blocks; i++) {
		struct block block = {i, logins, PAUSE_NS + stats_below(&random, PHASES_NS)};
		unsigned *h = hangs;

		for (const char *const *entry = b->entries; *entry; entry++, h += b->n_modules)
			if (run_entry(b, *entry, &block, h, &random, e) < 0)
				return -1;
	}
	return 0;
}

int bench_wall(struct bench *b, struct err **e)
{
	unsigned wanted = b->o->logins, blocks = wanted / BLOCK_LOGINS, logins;
	size_t entries = count_entries(b);
	cleanup_free unsigned *hangs = calloc(entries * b->n_modules + 1, sizeof(*hangs));
	int status;

	if (!hangs)
		abort();
	blocks = blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks < BLOCKS_MIN ? BLOCKS_MIN : blocks;
	blocks = blocks > wanted ? wanted : blocks;
	logins = (wanted + blocks - 1) / blocks;
	b->done = 0;
	b->planned = blocks * entries * b->n_modules;
	be_first();
	status = run_blocks(b, blocks, logins, hangs, e);
	be_as_others();
	return status;
}
