/* Scenarios: one property each, as a file that a reviewer can read (pamlab-scenario(5)). */
#ifndef PAMLAB_SCENARIO_H
#define PAMLAB_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "expect.h"
#include "promise.h"
#include "stage.h"

enum scope {
	SCOPE_MUST, /* a correct module makes it hold */
	SCOPE_MASK, /* only a module's extra care makes it hold: a warning unless strict */
	SCOPE_INFO, /* no module can: reported, never judged */
	SCOPES
};
extern const char *const scope_names[SCOPES + 1];

struct group {
	const char *name;
	const char *about; /* one line */
};
/* The table, ended by a group without a name. */
extern const struct group groups[];

/* The kernels that have what is judged, as "MAJOR.MINOR"; NULL: no bound. */
struct kernels {
	char *from;   /* the first that has it */
	char *before; /* the first that has it no more */
};

struct logins {
	unsigned count;
	uint64_t phase_ns; /* ns by which each login is shifted against the one before */
};

struct controls {
	struct expectation *outside;
	unsigned outside_count;
	struct expectation *without_module;
	unsigned without_module_count;
};

/* Lists are arrays beside a count. Everything belongs to the scenario. */
struct scenario {
	unsigned version;
	char *name, *group, *title, *why;
	char *scope_name;
	enum scope scope;
	char **catalogue;
	unsigned catalogue_count;
	char **sources;
	unsigned sources_count;
	char **promises;
	unsigned promises_count;
	promise_set judges; /* the same as a set; empty: judged for every module */
	char **entries;     /* empty: all */
	unsigned entries_count;
	unsigned *shifts; /* -icount shifts to run under; at least one */
	unsigned shifts_count;
	struct kernels kernels;
	struct stage stage;
	bool vary; /* run on many stages: a selection that covers each pair, or all of them */
	struct logins logins;
	char **session; /* the steps; empty: no program is run in the session */
	unsigned session_count;
	char **during;
	unsigned during_count;
	uint64_t settle_ms; /* virtual ms between the end of the login and the last look */
	bool relogin;
	char *fault;     /* what is taken away for the time of the login (faults); NULL: nothing */
	bool may_refuse; /* a login that is refused, and says so, is right too */
	struct expectation *expect; /* at least one */
	unsigned expect_count;
	struct controls controls;

	char *path;    /* as it was given */
	unsigned line; /* of its name */
	char hash[65];
};

/* Names of what can be taken away, and what that is; NULL at the end. */
extern const char *const fault_names[];
extern const char *const fault_texts[];

/* Loads one file. What does not fit is EXIT_USAGE with "FILE:LINE: what was expected". */
int scenario_load(const char *path, struct scenario **out, struct err **e);

/* The same from memory; `name` is what errors call it. */
int scenario_parse(const char *name, const char *text, size_t len, struct scenario **out,
                   struct err **e);

/* Why the scenario does not apply to this kernel, by the name that case ids have ("linux-6.1.192");
 * NULL if it does, and if the name does not tell a version. The caller frees it. */
char *scenario_kernel_reason(const struct scenario *s, const char *kernel);

void scenario_free(struct scenario **s);
#define cleanup_scenario __attribute__((cleanup(scenario_free)))

/* Is the scenario run through this entry? */
bool scenario_has_entry(const struct scenario *s, const char *entry);

/* Has the session this step (its name, without a number)? */
bool scenario_has_step(const struct scenario *s, const char *name);

/* Is this done while the session holds? */
bool scenario_has_action(const struct scenario *s, const char *name);

/* Loads every DIR/GROUP/NAME.yaml, sorted by group (in the order of the table), then name. Two
 * scenarios of one name, or one in another group's folder, are an error. The caller frees the list
 * with scenarios_free. */
int scenarios_load_all(const char *dir, struct scenario ***list, size_t *n, struct err **e);
void scenarios_free(struct scenario **list, size_t n);

/* Selects by exact name, by a pattern (fnmatch(3)) or by the name of a group. Marks those that fit
 * in chosen[n], leaves the others as they are. Nothing fits: EXIT_USAGE, with the nearest name. */
int scenarios_select(struct scenario *const *list, size_t n, const char *pattern, bool *chosen,
                     struct err **e);

/* Reads "must,mask" into a set of scopes, bit 1 << SCOPE_MUST for must; EXIT_USAGE says which word
 * is none. */
int scopes_parse(const char *text, unsigned *scopes, struct err **e);

/* Leaves out those of other scopes. */
void scenarios_keep_scopes(struct scenario *const *list, size_t n, unsigned scopes, bool *chosen);

#endif
