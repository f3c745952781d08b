#include "verdict.h"

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_PASS] = "pass",   [VERDICT_FAIL] = "fail", [VERDICT_WARN] = "warn",
    [VERDICT_INFO] = "info",   [VERDICT_SKIP] = "skip", [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_ERROR] = "error",
};
