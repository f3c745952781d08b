#include "comparing.h"

#include <check.h>
#include <string.h>

#include "cleanup.h"

struct compare_rules rules;

void comparing_set_up(void)
{
	rules = (struct compare_rules){.wall_alpha = WALL_ALPHA_DEFAULT};
	ck_assert_int_eq(cost_limits_add(&rules.limits, "+0.5%", NULL), 0);
}

void comparing_tear_down(void)
{
	cost_limits_clear(&rules.limits);
}

json_t *compare(struct synthetic *base, struct synthetic *now)
{
	cleanup_results struct results was = {0}, is = {0};
	cleanup_err struct err *e = NULL;
	json_t *c;

	synthetic_end(base);
	synthetic_end(now);
	synthetic_read(base, &was);
	synthetic_read(now, &is);
	c = compare_results(&was, &is, &rules, &e);
	ck_assert_msg(c != NULL, "%s", e ? e->msg : "");
	return c;
}

const char *finding(const json_t *c, size_t i, const char *key)
{
	json_t *f = json_array_get(json_object_get(c, "findings"), i);
	const char *text = json_string_value(json_object_get(f, key));

	return text ? text : "";
}

size_t findings(const json_t *c)
{
	return json_array_size(json_object_get(c, "findings"));
}

json_int_t regressions(const json_t *c)
{
	return json_integer_value(json_object_get(c, "regressions"));
}
