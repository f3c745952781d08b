/* SHA-256 over things that go into a key. */
#ifndef PAMLAB_HASH_H
#define PAMLAB_HASH_H

#include <sha256.h>
#include <stddef.h>

#include "err.h"

#define HASH_HEX 65

/* Adds the bytes and their length, so that no two sequences of parts give the same hash. */
void hash_add(SHA2_CTX *ctx, const void *data, size_t len);
void hash_add_text(SHA2_CTX *ctx, const char *text);

/* Adds a file's content. */
int hash_add_file(SHA2_CTX *ctx, const char *path, struct err **e);

/* 64 hex digits and a NUL. */
void hash_end(SHA2_CTX *ctx, char hex[HASH_HEX]);

#endif
