#include "builder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "paths.h"
#include "text.h"

/* Every temporary directory with this prefix belongs to nobody alive, as we hold its lock. */
static void sweep_stale(const char *family, const char *prefix)
{
	cleanup_dir DIR *dir = opendir(family);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		cleanup_free char *path = NULL;

		if (strncmp(d->d_name, prefix, strlen(prefix)) != 0)
			continue;
		path = text_format("%s/%s", family, d->d_name);
		remove_tree(path, NULL);
	}
}

int build_begin(struct build *b, const char *family, const char *name, progress_fn progress,
                void *arg, struct err **e)
{
	cleanup_free char *lock = NULL, *prefix = NULL, *dir = NULL;
	sigset_t stop;

	*b = (struct build)BUILD_INIT;
	b->family = path_cache("%s", family);
	if (make_dirs(b->family, e) < 0)
		return -1;
	lock = text_format("%s/.lock-%s", b->family, name);
	prefix = text_format(".making-%s.", name);
	dir = text_format("%s/%sXXXXXX", b->family, prefix);
	b->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (b->lock < 0)
		return err_set(e, errno, "create %s", lock);
	if (flock(b->lock, LOCK_EX | LOCK_NB) < 0) {
		if (progress)
			progress("waiting for another run that makes the same", arg);
		while (flock(b->lock, LOCK_EX) < 0) {
			if (errno != EINTR)
				return err_set(e, errno, "lock %s", lock);
		}
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	b->blocked = pthread_sigmask(SIG_BLOCK, &stop, &b->before) == 0;
	sweep_stale(b->family, prefix);
	if (!mkdtemp(dir))
		return err_set(e, errno, "create a directory in %s", b->family);
	b->dir = take_ptr(dir);
	return 0;
}

static int sync_files(const char *path, struct err **e)
{
	cleanup_dir DIR *dir = opendir(path);
	struct dirent *d;

	if (!dir)
		return err_set(e, errno, "%s", path);
	while ((d = readdir(dir))) {
		cleanup_close int fd = -1;

		if (d->d_type != DT_REG)
			continue;
		fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fsync(fd) < 0)
			return err_set(e, errno, "%s/%s", path, d->d_name);
	}
	return 0;
}

int build_keep(struct build *b, const char *entry, struct err **e)
{
	cleanup_free char *final = text_format("%s/%s", b->family, entry);

	if (sync_files(b->dir, e) < 0 || remove_tree(final, e) < 0)
		return -1;
	if (rename(b->dir, final) < 0)
		return err_set(e, errno, "rename to %s", final);
	b->kept = 1;
	return 0;
}

void build_end(struct build *b)
{
	if (b->dir && !b->kept)
		remove_tree(b->dir, NULL);
	if (b->lock >= 0)
		close(b->lock);
	free(b->dir);
	free(b->family);
	if (b->blocked)
		pthread_sigmask(SIG_SETMASK, &b->before, NULL);
	*b = (struct build)BUILD_INIT;
}

char *hash_file(const char *path, struct err **e)
{
	char *hash = SHA256File(path, NULL);

	if (!hash)
		err_set(e, errno, "%s", path);
	return hash;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_tree(SHA2_CTX *sha, const char *path, const char *relative, struct err **e)
{
	struct dirent **list = NULL;
	int n = scandir(path, &list, NULL, by_name), result = 0;

	if (n < 0)
		return err_set(e, errno, "%s", path);
	for (int i = 0; i < n; i++) {
		cleanup_free char *sub = NULL, *name = NULL, *data = NULL;
		cleanup_free struct dirent *d = list[i];
		struct stat st;
		size_t len = 0;

		if (result < 0 || strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		sub = text_format("%s/%s", path, d->d_name);
		name = text_format("%s/%s", relative, d->d_name);
		if (stat(sub, &st) < 0) {
			result = err_set(e, errno, "%s", sub);
		} else if (S_ISDIR(st.st_mode)) {
			result = add_tree(sha, sub, name, e);
		} else if (!(data = read_file(sub, &len, e))) {
			result = -1;
		} else {
			cleanup_free char *head =
			    text_format("%s %d %zu\n", name, !!(st.st_mode & 0100), len);

			SHA256Update(sha, (const uint8_t *)head, strlen(head));
			SHA256Update(sha, (const uint8_t *)data, len);
		}
	}
	free(list);
	return result;
}

char *hash_tree(const char *path, struct err **e)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	if (add_tree(&sha, path, "", e) < 0)
		return NULL;
	return SHA256End(&sha, NULL);
}

char *read_line(const char *dir, const char *name, struct err **e)
{
	cleanup_free char *path = NULL;
	char *line;

	path = text_format("%s/%s", dir, name);
	line = read_file(path, NULL, e);
	if (line)
		line[strcspn(line, "\n")] = '\0';
	return line;
}
