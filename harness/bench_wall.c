/* Wall time: what a login takes by the host's clock, under the accelerator at hand.
 *
 * The host cannot see the exec of the entry. What it sees is when two events arrive: that the agent
 * is about to order the login, and that the driver has said that it is over. Both are written by
 * port I/O, which stops the guest until they are out, so between them lies the login, the driver's
 * share of it (starting a terminal and a process) and two hops to this process.
 *
 * The guests run one at a time: none is measured while another runs or starts. A block is a clone
 * of each module for each entry. Those of one entry follow each other, in an order that is drawn
 * anew each time, so that whatever the host does meanwhile falls on all modules alike. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "campaign.h"
#include "cleanup.h"
#include "guest.h"
#include "stats.h"
#include "stop.h"

#define BLOCKS_MIN   5
#define BLOCKS_MAX   20
#define BLOCK_LOGINS 10 /* in each clone, if that leaves enough blocks */
#define WARM_UP      1  /* the emulator has not translated any code yet; not counted */
#define PAUSE_NS     50000000
#define GUEST_WALL_S 900
#define DEADLINE_NS  900000000000LL

/* One clone, while it runs. */
struct clone {
	int64_t began; /* of the login that is under way, host_now() */
	json_t *wall, *window, *idle;
	size_t seen, failed;
};

static void take_login(struct clone *c, const json_t *login)
{
	const json_t *idle = json_object_get(login, "idle_ns");
	bool finished = json_is_true(json_object_get(login, "finished"));

	c->seen++;
	c->failed += !finished;
	if (c->seen <= WARM_UP)
		return;
	if (!finished) {
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

static int run_clone(struct bench *b, const struct bench_module *m, const char *entry,
                     unsigned block, unsigned logins, struct err **e)
{
	cleanup_free char *id = case_id(&b->lab, m->candidate.name, entry, BENCH_SCENARIO, 0, 0);
	cleanup_guest struct guest g = {.vm = VM_NONE};
	struct clone c = {.wall = json_array(), .window = json_array(), .idle = json_array()};
	cleanup_json json_t *job =
	    json_pack("{s:s, s:s, s:s, s:[s, s], s:i, s:i, s:I}", "id", id, "job", "bench", "entry",
	              entry, "steps", "readdir", "exit 0", "logins", (int)(logins + WARM_UP),
	              "pause_ns", PAUSE_NS, "deadline_ns", (json_int_t)DEADLINE_NS);
	cleanup_free char *text = NULL;
	struct vm_spec spec = {0};

	bench_add_patience(job, entry);
	text = json_dumps(job, JSON_COMPACT);
	template_clone_spec(&m->stage.template, &spec);
	spec.job = text;
	g.on_event = take_event;
	g.arg = &c;
	if (guest_start(&g, &spec, GUEST_WALL_S, e) < 0)
		return -1;
	guest_wait(&g, false);
	if (stop_requested())
		return -1;
	b->lab_failures += g.end == GUEST_LAB;
	bench_log(b, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:s?}",
	                       "type", "bench", "kind", "wall", "id", id, "module",
	                       m->candidate.name, "entry", entry, "block", (int)block, "warm_up",
	                       WARM_UP, "failed", (int)c.failed, "wall_ns", c.wall, "window_ns",
	                       c.window, "idle_ns", c.idle, "why", g.why));
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
static int run_entry(struct bench *b, const char *entry, unsigned block, unsigned logins,
                     struct stats_random *random, struct err **e)
{
	cleanup_free size_t *order = calloc(b->n_modules, sizeof(*order));

	if (!order)
		abort();
	stats_shuffle(random, order, b->n_modules);
	for (size_t i = 0; i < b->n_modules; i++) {
		if (stop_requested() ||
		    run_clone(b, &b->modules[order[i]], entry, block, logins, e) < 0)
			return -1;
		bench_progress(b, ++b->done, b->planned, "clones for wall time");
	}
	return 0;
}

int bench_wall(struct bench *b, struct err **e)
{
	unsigned wanted = b->o->logins, blocks = wanted / BLOCK_LOGINS, logins;
	struct stats_random random;

	blocks = blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks < BLOCKS_MIN ? BLOCKS_MIN : blocks;
	blocks = blocks > wanted ? wanted : blocks;
	logins = (wanted + blocks - 1) / blocks;
	stats_seed(&random, b->o->seed);
	b->done = 0;
	b->planned = blocks * count_entries(b) * b->n_modules;
	for (unsigned block = 0; block < blocks; block++)
		for (const char *const *entry = b->entries; *entry; entry++)
			if (run_entry(b, *entry, block, logins, &random, e) < 0)
				return -1;
	return 0;
}
