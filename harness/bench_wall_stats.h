/* What the wall part's samples come to. */
#ifndef PAMLAB_BENCH_WALL_STATS_H
#define PAMLAB_BENCH_WALL_STATS_H

#include <jansson.h>
#include <stdint.h>

/* `lines` are the bench lines of kind "wall"; bases the modules to compare with, NULL at the end.
 * An array of one object for each module and entry that has any, in the order in which they are
 * first seen; docs/costs.md has the keys. */
json_t *bench_wall_stats(const json_t *lines, const char *const *bases, uint32_t seed);

/* Of these objects: how much the medians go with the instructions (busy_ns) and with the virtual
 * time (window_ns). NULL with fewer than three. */
json_t *bench_wall_correlation(const json_t *stats);

#endif
