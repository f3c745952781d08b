/* How probes ask the victims for something, and list what they found. */
#ifndef PAMLAB_PROBE_ASK_H
#define PAMLAB_PROBE_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "probe/victim_serve.h"

/* A fact of a victim (victim.h), as text or as a number. -1: there is no such fact. */
int victim_fact(const char *victim, const char *key, char *value, size_t size);
long victim_number(const char *victim, const char *key);

/* Connects to one of a victim's unix sockets; the caller closes it. -1 with errno. */
int connect_victim(const char *victim, bool abstract);

/* Sends a request and waits up to two seconds for the answer. sent, if not NULL, gets the
 * credentials that came with it. Returns 0, or -1 with errno: there was no answer. */
int ask_over(int fd, enum request request, struct answer *out, struct ucred *sent);

/* The same over a connection of its own. */
int ask_victim(const char *victim, enum request request, struct answer *out);

/* Appends a text to a list. */
void add_text(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, unless the list has it already. */
void add_once(json_t *list, const char *text);

#endif
