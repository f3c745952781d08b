#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"
#include "stop.h"
#include "text.h"

#define MAKING ".making"
#define LOCK   ".lock"

/* The lock is a file beside the entry, so that it outlives a removal and is the same for who makes
 * and who uses. */
static int open_lock(const char *final, struct err **e)
{
	cleanup_free char *path = NULL;
	int fd;

	path = text_format("%s" LOCK, final);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err_set(e, errno, "create %s", path);
	return fd;
}

static int lock(int fd, int how, struct err **e)
{
	while (flock(fd, how) < 0)
		if (errno != EINTR || stop_requested())
			return err_set(e, errno, "lock the cache");
	return 0;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* With the lock held exclusively: a fresh place to make the entry in. What an earlier maker left
 * there is of nobody now. */
static int prepare(struct store_entry *entry, struct err **e)
{
	free(entry->dir);
	entry->dir = text_format("%s" MAKING, entry->final);
	if (remove_tree(entry->dir, e) < 0)
		return -1;
	return make_dirs(entry->dir, e);
}

int store_open(const char *kind, const char *key, struct store_entry *entry, struct err **e)
{
	cleanup_free char *folder = path_cache("%s", kind);

	*entry = STORE_NONE;
	if (make_dirs(folder, e) < 0)
		return -1;
	entry->final = text_format("%s/%s", folder, key);
	entry->lock = open_lock(entry->final, e);
	if (entry->lock < 0 || lock(entry->lock, LOCK_SH, e) < 0)
		goto fail;
	if (!exists(entry->final)) {
		if (lock(entry->lock, LOCK_EX, e) < 0)
			goto fail;
		if (!exists(entry->final)) {
			if (prepare(entry, e) < 0)
				goto fail;
			return 0;
		}
		if (lock(entry->lock, LOCK_SH, e) < 0)
			goto fail;
	}
	entry->dir = take_ptr(entry->final);
	futimens(entry->lock, NULL); /* when it was last used */
	return 1;
fail:
	store_close(entry);
	return -1;
}

int store_keep(struct store_entry *entry, struct err **e)
{
	if (rename(entry->dir, entry->final) < 0)
		return err_set(e, errno, "rename %s to %s", entry->dir, entry->final);
	free(entry->dir);
	entry->dir = take_ptr(entry->final);
	futimens(entry->lock, NULL);
	return lock(entry->lock, LOCK_SH, e);
}

int store_renew(struct store_entry *entry, struct err **e)
{
	if (lock(entry->lock, LOCK_EX, e) < 0)
		return -1;
	entry->final = take_ptr(entry->dir);
	if (remove_tree(entry->final, e) < 0)
		return -1;
	return prepare(entry, e);
}

void store_close(struct store_entry *entry)
{
	if (entry->final && entry->dir)
		remove_tree(entry->dir, NULL);
	free(entry->dir);
	free(entry->final);
	if (entry->lock >= 0)
		close(entry->lock);
	*entry = STORE_NONE;
}

struct candidate {
	char *path;
	struct timespec used;
	int64_t bytes;
};

static int64_t measure(const char *dir)
{
	cleanup_dir DIR *d = opendir(dir);
	struct dirent *f;
	int64_t bytes = 0;
	struct stat st;

	while (d && (f = readdir(d)))
		if (fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += st.st_blocks * 512LL;
	return bytes;
}

static int by_use(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	return x->used.tv_nsec < y->used.tv_nsec ? -1 : x->used.tv_nsec > y->used.tv_nsec;
}

static bool remove_unused(const char *final)
{
	cleanup_free char *making = NULL;
	cleanup_close int fd = open_lock(final, NULL);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	making = text_format("%s" MAKING, final);
	remove_tree(making, NULL);
	return remove_tree(final, NULL) == 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

void store_trim(const char *kind, int64_t max_bytes)
{
	cleanup_free char *folder = path_cache("%s", kind);
	cleanup_dir DIR *d = opendir(folder);
	struct candidate *list = NULL;
	struct dirent *f;
	size_t n = 0;
	int64_t total = 0;

	while (d && (f = readdir(d))) {
		char *path = NULL;
		struct stat st;

		if (!ends_with(f->d_name, LOCK) || fstatat(dirfd(d), f->d_name, &st, 0) < 0)
			continue;
		path = text_format("%s/%.*s", folder, (int)(strlen(f->d_name) - strlen(LOCK)),
		                   f->d_name);
		if (!exists(path)) { /* what a dead maker left, if anything */
			remove_unused(path);
			free(path);
			continue;
		}
		list = realloc(list, (n + 1) * sizeof(*list));
		if (!list)
			abort();
		list[n] = (struct candidate){path, st.st_mtim, measure(path)};
		total += list[n++].bytes;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_use);
	for (size_t i = 0; i < n; i++) {
		if (total > max_bytes && remove_unused(list[i].path))
			total -= list[i].bytes;
		free(list[i].path);
	}
	free(list);
}
