#include "hash.h"

#include <stdint.h>
#include <string.h>

#include "cleanup.h"
#include "paths.h"

void hash_add(SHA2_CTX *ctx, const void *data, size_t len)
{
	uint64_t n = len;

	SHA256Update(ctx, (const uint8_t *)&n, sizeof(n));
	SHA256Update(ctx, data, len);
}

void hash_add_text(SHA2_CTX *ctx, const char *text)
{
	hash_add(ctx, text, strlen(text));
}

int hash_add_file(SHA2_CTX *ctx, const char *path, struct err **e)
{
	size_t len;
	cleanup_free char *data = read_file(path, &len, e);

	if (!data)
		return -1;
	hash_add(ctx, data, len);
	return 0;
}

void hash_end(SHA2_CTX *ctx, char hex[HASH_HEX])
{
	SHA256End(ctx, hex);
}
