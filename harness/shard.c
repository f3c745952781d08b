#include "shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "cleanup.h"
#include "verbs.h"

int shard_parse(const char *text, struct shard *s, struct err **e)
{
	struct shard got;
	char rest;

	if (!*text || strspn(text, "0123456789/") != strlen(text) || strlen(text) > 9 ||
	    sscanf(text, "%u/%u%c", &got.index, &got.count, &rest) != 2 || got.index < 1 ||
	    got.index > got.count || got.count > SHARDS_MAX)
		return err_usage(e,
		                 "--shard takes I/N, such as 2/5, with I from 1 to N and N at "
		                 "most %d, not \"%s\"",
		                 SHARDS_MAX, text);
	*s = got;
	return 0;
}

/* About what a guest takes with the plainest scenario, in hundredths of a second on a machine of
 * 2024; an entry that is not listed takes the average. */
static const struct {
	const char *entry;
	unsigned weight;
} entry_weights[] = {
    {"pamtester", 30}, {"su", 30},   {"su-l", 32},        {"sudo", 42},
    {"sudo-pty", 45},  {"sshd", 80}, {"sshd-kbdint", 80}, {"login", 60},
};
enum { ENTRY_WEIGHT = 50, STEP_WEIGHT = 10, SWEEP_WEIGHT = 100, CHECK_WEIGHT = 5 };

static unsigned entry_weight(const char *entry)
{
	for (size_t i = 0; i < sizeof(entry_weights) / sizeof(*entry_weights); i++)
		if (!strcmp(entry_weights[i].entry, entry))
			return entry_weights[i].weight;
	return ENTRY_WEIGHT;
}

unsigned shard_weight(const struct test_case *t)
{
	const struct scenario *s = t->scenario;
	unsigned weight = entry_weight(t->entry);

	if (t->skip)
		return 0;
	if (s->logins.count > 1)
		weight *= s->logins.count;
	if (s->relogin)
		weight *= 2;
	weight += STEP_WEIGHT * s->session_count + CHECK_WEIGHT * s->expect_count;
	return weight + (scenario_has_step(s, "sweep") ? SWEEP_WEIGHT : 0);
}

struct item {
	const char *id;
	unsigned weight;
	size_t at;
};

static int longest_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = (x->weight < y->weight) - (x->weight > y->weight);

	if (!order)
		order = strcmp(x->id, y->id);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

void shard_split(const char *const *ids, const unsigned *weights, size_t n, unsigned count,
                 unsigned *shards)
{
	cleanup_free struct item *items = calloc(n + 1, sizeof(*items));
	/* number of cases too: those that are skipped weigh nothing */
	cleanup_free unsigned long *load = calloc(count, sizeof(*load));

	if (!items || !load)
		abort();
	for (size_t i = 0; i < n; i++)
		items[i] = (struct item){ids[i], weights[i], i};
	qsort(items, n, sizeof(*items), longest_first);
	for (size_t i = 0; i < n; i++) {
		unsigned least = 0;

		for (unsigned s = 1; s < count; s++)
			if (load[s] < load[least])
				least = s;
		shards[items[i].at] = least;
		load[least] += items[i].weight;
	}
}

static void add_number(SHA2_CTX *ctx, long long n)
{
	hash_add(ctx, &n, sizeof(n));
}

static void add_text(SHA2_CTX *ctx, const char *text)
{
	add_number(ctx, text != NULL);
	hash_add_text(ctx, text ? text : "");
}

static void add_candidate(SHA2_CTX *ctx, const struct candidate *m)
{
	add_text(ctx, m->name);
	add_text(ctx, m->args);
	hash_add(ctx, m->bytes ? m->bytes : "", m->bytes ? m->size : 0);
	add_number(ctx, m->contract->gives);
	for (unsigned i = 0; i < m->contract->known_count; i++)
		add_text(ctx, m->contract->known[i].pattern);
}

/* Order is part of it: a plan is made in the same order from the same options. */
void shard_digest(const struct campaign *c, const struct plan *p, char hex[HASH_HEX])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	add_text(&ctx, PAMLAB_VERSION);
	add_text(&ctx, c->lab->image.hash);
	add_text(&ctx, c->lab->kernel.hash);
	add_text(&ctx, accel_name(c->lab->accel));
	add_text(&ctx, c->lab->base.key);
	add_number(&ctx, c->strict);
	add_number(&ctx, c->known);
	for (size_t i = 0; i < c->n_candidates; i++)
		add_candidate(&ctx, &c->candidates[i]);
	for (size_t i = 0; i < p->n_cases; i++) {
		add_text(&ctx, p->cases[i].id);
		add_number(&ctx, p->cases[i].repeat);
		add_text(&ctx, p->cases[i].scenario->hash);
	}
	hash_end(&ctx, hex);
}

/* Does a case that is left look at what the run saw for this scenario? */
static bool is_needed(const struct plan *p, const struct planned_run *r, const struct scenario *s)
{
	for (size_t i = 0; i < p->n_cases; i++) {
		const struct test_case *t = &p->cases[i];

		if (t->scenario == s && (t->own == r || t->outside.run == r || t->without.run == r))
			return true;
	}
	return false;
}

static void leave_runs(struct plan *p)
{
	for (size_t i = 0; i < p->n_runs; i++)
		for (size_t k = p->runs[i]->n_scenarios; k > 0; k--)
			if (!is_needed(p, p->runs[i], p->runs[i]->scenarios[k - 1]))
				plan_leave(p->runs[i], p->runs[i]->scenarios[k - 1]);
}

/* What goes to a shard as a whole: the cases that share a login, so that it costs and says the same
 * as in a run that is not in parts. */
struct units {
	const char **ids; /* of each the least one of its cases */
	unsigned *weights;
	size_t *of_case;
	size_t n;
};

static void *array(size_t n, size_t size)
{
	void *a = calloc(n + 1, size);

	if (!a)
		abort();
	return a;
}

/* The unit of an earlier case that shares the login, or a new one. */
static size_t find_unit(const struct plan *p, const struct units *u, size_t i)
{
	for (size_t k = 0; p->cases[i].own && k < i; k++)
		if (p->cases[k].own == p->cases[i].own)
			return u->of_case[k];
	return u->n;
}

static struct units make_units(const struct plan *p)
{
	struct units u = {array(p->n_cases, sizeof(*u.ids)), array(p->n_cases, sizeof(*u.weights)),
	                  array(p->n_cases, sizeof(*u.of_case)), 0};

	for (size_t i = 0; i < p->n_cases; i++) {
		const struct test_case *t = &p->cases[i];
		size_t at = find_unit(p, &u, i);

		u.of_case[i] = at;
		u.weights[at] += shard_weight(t);
		if (at == u.n)
			u.ids[u.n++] = t->id;
		else
			u.weights[at] -= entry_weight(t->entry); /* there is one login only */
		if (strcmp(t->id, u.ids[at]) < 0)
			u.ids[at] = t->id;
	}
	return u;
}

void shard_keep(struct plan *p, const struct shard *s)
{
	struct units u = make_units(p);
	cleanup_free unsigned *shards = array(u.n, sizeof(*shards));
	size_t kept = 0;

	shard_split(u.ids, u.weights, u.n, s->count, shards);
	for (size_t i = 0; i < p->n_cases; i++) {
		if (shards[u.of_case[i]] == s->index - 1) {
			p->cases[kept++] = p->cases[i];
			continue;
		}
		free(p->cases[i].id);
		free(p->cases[i].skip);
	}
	free(u.ids);
	free(u.weights);
	free(u.of_case);
	p->n_cases = kept;
	leave_runs(p);
}
