/* The `case` lines of a bench: one for each module and entry, in the form that `pamlab compare` and
 * the reports read. Nothing is judged but whether the same login costs the same each time. */
#include <string.h>

#include "bench.h"
#include "cleanup.h"
#include "verdict.h"

/* "total_ns: N", or null. */
static json_t *total_text(double total)
{
	return total > 0 ? json_sprintf("total_ns: %.0f", total) : json_null();
}

static enum verdict judge(const json_t *login, bool exact, const char **reason)
{
	json_int_t runs = json_integer_value(json_object_get(login, "runs"));
	json_int_t marked = json_integer_value(json_object_get(login, "marked_runs"));

	*reason = NULL;
	if (runs != BENCH_RUNS || marked != BENCH_RUNS)
		*reason = "not every run came to its end";
	else if (exact && !json_is_true(json_object_get(login, "same")))
		*reason = "the same login did not go the same way each time";
	if (*reason)
		return VERDICT_ERROR;
	if (!json_is_true(json_object_get(login, "finished")))
		*reason = "the session's program did not come to its end: the cost is not whole";
	return VERDICT_INFO;
}

static json_t *case_line(const json_t *result, const json_t *login)
{
	const char *accel =
	    json_string_value(json_object_get(json_object_get(result, "run"), "accel"));
	json_t *cost = json_copy(json_object_get(login, "cost"));
	double total = json_number_value(json_object_get(cost, "total_ns"));
	double added = json_number_value(json_object_get(login, "added_ns"));
	const char *reason;
	enum verdict v = judge(login, accel && !strcmp(accel, "tcg"), &reason);

	return json_pack(
	    "{s:s, s:O, s:O, s:O, s:s, s:s, s:s, s:s, s:b, s:s?, s:s, s:n, s:o, s:o, s:[], s:i, "
	    "s:O, s:i, s:O?, s:s?, s:n, s:i, s:i, s:o}",
	    "type", "case", "id", json_object_get(login, "id"), "module",
	    json_object_get(login, "module"), "entry", json_object_get(login, "entry"), "scenario",
	    BENCH_SCENARIO, "group", "cost", "scope", "info", "verdict", verdict_names[v], "known",
	    false, "reason", reason, "title", "What a login costs", "because", "observed",
	    total_text(total), "expected", total_text(total - added), "evidence", "tries", 1,
	    "virtual_ns", json_object_get(cost, "total_ns") ?: json_null(), "wall_ms", 0, "digest",
	    json_object_get(login, "digest"), "accel", accel, "file", "line", 0, "repeat", 0,
	    "cost", cost);
}

json_t *bench_cases(const json_t *result)
{
	json_t *cases = json_array(), *login;
	size_t i;

	json_array_foreach(json_object_get(result, "logins"), i, login)
	    json_array_append_new(cases, case_line(result, login));
	return cases;
}
