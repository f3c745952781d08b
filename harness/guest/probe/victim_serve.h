/* What a victim does when it is asked to, by a letter: a stranger's action that a session then
 * may notice, or that the session may hinder. */
#ifndef PAMLAB_PROBE_VICTIM_SERVE_H
#define PAMLAB_PROBE_VICTIM_SERVE_H

#include "probe/victim.h"

enum request {
	ASK_GREETING = 'g', /* nothing but the answer, which carries credentials */
	ASK_MESSAGE = 'm',  /* send a message to ASK_QUEUE */
	ASK_OPEN = 'o',     /* open and read the file "watched" */
	ASK_FORK = 'f',     /* start a process and wait for it; the answer's value is its pid */
	ASK_WATCH = 'w',    /* make an inotify instance, and close it */
	ASK_EVENTS = 'e',   /* listen to the proc connector (root only), start a process, stop */
};

#define ASK_QUEUE "/pamlab-answer"

struct answer {
	int error; /* an errno, or 0 */
	int value;
};

/* Serves one connection: reads a letter, for at most a second, and sends a struct answer. */
void serve_one(struct holder *h, int fd);

#endif
