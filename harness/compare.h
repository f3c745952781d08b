/* Two results against each other: what became better and what became worse. Pure: nothing is run or
 * printed here. */
#ifndef PAMLAB_COMPARE_H
#define PAMLAB_COMPARE_H

#include <jansson.h>
#include <stdbool.h>

#include "cost_limit.h"
#include "err.h"
#include "known.h"
#include "results.h"

#define WALL_ALPHA_DEFAULT 0.001

struct compare_rules {
	struct cost_limits limits;
	double wall_alpha;              /* chance of a false alarm from wall times, in all */
	const struct known_list *known; /* or NULL */
	bool allow_missing;             /* a case of the base that was not run is no regression */
};

/* Compares. The result (NULL on error; the caller owns it) is the object that docs/ci.md
 * describes: what is compared, `notes`, `findings`, `regressions` (their number). Refused
 * (EXIT_USAGE), with all that differs: results of another image, kernel, accelerator or format, or
 * judged by other rules. */
json_t *compare_results(const struct results *base, const struct results *now,
                        const struct compare_rules *rules, struct err **e);

/* EXIT_HOLDS, or EXIT_BROKEN if there is a regression. */
enum exit_status compare_status(const json_t *comparison);

/* --- between its files ------------------------------------------------------------------------ */

/* Refuses what cannot be compared, and adds to notes what can and is not the same. */
int compare_identity(const struct results *base, const struct results *now, json_t *notes,
                     struct err **e);

/* Adds a finding to the list: {kind, regression, case, text, file, line}, and returns it for more
 * to be set. Takes the text, which may hold any bytes. */
json_t *compare_find(json_t *findings, const char *kind, bool regression,
                     const struct result_case *c, char *text);

/* Counted costs of a case that went the same way both times. Cases that share a login have one
 * cost: it is told for the first of them, and `told` (login -> true) keeps that. Adds to *apart if
 * the case shared its login with other cases than in the base, which makes it another login. */
void compare_costs(const struct result_case *base, const struct result_case *now,
                   const struct compare_rules *rules, json_t *findings, json_t *told,
                   size_t *apart);

/* Wall times, of all cases at once: the error rate is that of all comparisons together. Returns
 * how many there were. */
size_t compare_walls(const struct results *base, const struct results *now,
                     const struct compare_rules *rules, json_t *findings, json_t *notes);

/* A sentence for the notes. Takes the text. */
void compare_note(json_t *notes, char *text);

#endif
