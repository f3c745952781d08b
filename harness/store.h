/* A folder of things that are expensive to make, each under a key that is the hash of everything
 * that went into it. An entry is a directory that appears whole (rename) or not at all, is used
 * under a shared lock and removed under an exclusive one. Two processes never make the same entry
 * twice: the second waits for the first. */
#ifndef PAMLAB_STORE_H
#define PAMLAB_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

struct store_entry {
	char *dir;   /* where it is, or, while it is made, where to make it */
	char *final; /* where it goes; NULL if it is there already */
	int lock;    /* descriptor that holds the lock */
};
#define STORE_NONE ((struct store_entry){.lock = -1})

/* Opens the entry `key` of path_cache(kind). Returns 1 if it is there (locked shared: it stays), 0
 * if the caller has to make it in entry->dir and then call store_keep, < 0 on error. */
int store_open(const char *kind, const char *key, struct store_entry *entry, struct err **e);

/* Puts a made entry in its place. */
int store_keep(struct store_entry *entry, struct err **e);

/* Lets go; what was being made and was not kept is removed. */
void store_close(struct store_entry *entry);
#define cleanup_store __attribute__((cleanup(store_close)))

/* Removes an entry that was found damaged while it is open, and turns it into one to be made (as
 * after store_open returned 0). */
int store_renew(struct store_entry *entry, struct err **e);

/* Removes the entries that were used longest ago, and are not in use, until the folder holds at
 * most max_bytes (as allocated on disk), and what dead makers left behind. */
void store_trim(const char *kind, int64_t max_bytes);

#endif
