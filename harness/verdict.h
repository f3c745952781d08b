#ifndef PAMLAB_VERDICT_H
#define PAMLAB_VERDICT_H

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_WARN,	      /* broken, of scope mask, not strict */
	VERDICT_INFO,	      /* reported only */
	VERDICT_SKIP,	      /* not promised: never run */
	VERDICT_INCONCLUSIVE, /* a control did not hold: the probe proves nothing */
	VERDICT_ERROR,	      /* the lab's own failure */
	VERDICT_COUNT
};

/* "pass", "fail", ... */
extern const char *const verdict_names[VERDICT_COUNT];

#endif
