/* A victim: a process outside every session that holds one of each thing that a session must not
 * find, or finds by its nature. What it holds is a table in victim.c; how to find it (paths, ids,
 * ports) are its facts, lines "NAME KEY VALUE" that the probes read with victim_fact(). */
#ifndef PAMLAB_PROBE_VICTIM_H
#define PAMLAB_PROBE_VICTIM_H

#include <stdio.h>

struct holder {
	const char *name, *secret;
	char dir[64]; /* its own folder, VICTIM_DIR/NAME: it may write there, others may read */
	FILE *facts;
};

/* Writes a fact; the value is one word or more, without a newline. */
void hold_fact(struct holder *h, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes DIR/FILE with the secret in it, and opens it for reading and writing. Returns the
 * descriptor, or -1 with errno. */
int hold_file(struct holder *h, const char *file, unsigned mode);

/* The holdings. Each takes one thing, keeps it for ever and writes its facts; 0, or -1 with errno.
 */
int hold_unix(struct holder *h);
int hold_tcp(struct holder *h);
int hold_netlink(struct holder *h);
int hold_sysv(struct holder *h);
int hold_mqueue(struct holder *h);
int hold_key(struct holder *h);
int hold_futex(struct holder *h);
int hold_locks(struct holder *h);
int hold_lease(struct holder *h);
int hold_terminal(struct holder *h);
int hold_files(struct holder *h);
int hold_traces(struct holder *h);
int hold_attributes(struct holder *h);

/* Answers the requests of ask_victim() (probe.h) on its unix sockets. Never returns. */
_Noreturn void serve(struct holder *h);

#endif
