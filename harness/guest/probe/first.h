/* What a session sees at its very first instruction in user space, before libc runs. */
#ifndef PAMLAB_PROBE_FIRST_H
#define PAMLAB_PROBE_FIRST_H

#include <stdint.h>

struct first_look {
	uint64_t tsc;   /* time stamp counter at the first instruction */
	long pid;       /* getpid() */
	long link_len;  /* readlink("/proc/self"): length, or -errno */
	char link[32];  /* what it said; no NUL at its end */
	long stat_open; /* open("/proc/self/stat"): >= 0, or -errno */
	long stat_type; /* file system type of that file, 0 if there is none */
};

extern struct first_look first_look;

#endif
