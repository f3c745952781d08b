#include "mark.h"

#include "reporter.h"

const struct mark marks[MARK_COUNT] = {
    [MARK_NONE] = {" ", "", "", NULL},
    [MARK_SKIP] = {"-", "2", "skip", "skipped, not promised or not possible"},
    [MARK_INFO] = {"i", "36", "info", "information"},
    [MARK_PASS] = {".", "32", "pass", "holds"},
    [MARK_WARN] = {"w", "33", "warn", "masked property broken (fails with --strict)"},
    [MARK_KNOWN] = {"k", "35", "known failure", "broken, a known failure"},
    [MARK_SURPRISE] = {"P", "1;35", "unexpected pass",
                       "holds, but the contract lists it as a known failure"},
    [MARK_INCONCLUSIVE] = {"?", "1;33", "inconclusive", "inconclusive: a control did not hold"},
    [MARK_ERROR] = {"E", "1;31", "error", "error of the lab"},
    [MARK_FAIL] = {"F", "1;31", "fail", "broken"},
};

enum mark_id mark_of(const json_t *obj)
{
	static const enum mark_id of[VERDICT_COUNT] = {
	    [VERDICT_PASS] = MARK_PASS,   [VERDICT_FAIL] = MARK_FAIL,
	    [VERDICT_WARN] = MARK_WARN,   [VERDICT_INFO] = MARK_INFO,
	    [VERDICT_SKIP] = MARK_SKIP,   [VERDICT_INCONCLUSIVE] = MARK_INCONCLUSIVE,
	    [VERDICT_ERROR] = MARK_ERROR,
	};
	enum mark_id id = of[case_verdict(obj)];

	if (case_known(obj) && id == MARK_FAIL)
		return MARK_KNOWN;
	if (case_known(obj) && id == MARK_PASS)
		return MARK_SURPRISE;
	return id;
}
