/* What a step asks for, and what it means for those around it. */
#ifndef PAMLAB_PROBES_FLAGS_H
#define PAMLAB_PROBES_FLAGS_H

enum {
	STEP_LAST = 1,   /* nothing can follow it */
	STEP_SHARES = 2, /* it leaves session and host as they were: scenarios can share a login */
	STEP_BYSTANDERS =
	    4,            /* two processes are beside the program that logs in (probe/beside.h) */
	STEP_HANDLES = 8, /* descriptors that lead outside are open in that program */
};

#endif
