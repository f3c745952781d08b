#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "text.h"

static char *join(const char *base, const char *fmt, va_list ap)
{
	cleanup_free char *rest = text_vformat(fmt, ap);

	return text_format("%s/%s", base, rest);
}

static char *find_home(void)
{
	const char *set = getenv("PAMLAB_HOME");
	char exe[PATH_MAX];
	ssize_t n;

	if (set && *set)
		return strdup(set);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return strdup(".");
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(exe, '/');

		if (slash)
			*slash = '\0';
	}
	return strdup(exe);
}

char *path_home(const char *fmt, ...)
{
	cleanup_free char *home = find_home();
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = join(home, fmt, ap);
	va_end(ap);
	return path;
}

static char *find_cache(void)
{
	const char *set = getenv("PAMLAB_CACHE");
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (set && *set)
		return strdup(set);
	if (xdg && *xdg == '/')
		return text_format("%s/pamlab", xdg);
	return text_format("%s/.cache/pamlab", home && *home ? home : "/root");
}

char *path_cache(const char *fmt, ...)
{
	cleanup_free char *cache = find_cache();
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = join(cache, fmt, ap);
	va_end(ap);
	return path;
}

int make_dirs(const char *path, struct err **e)
{
	cleanup_free char *copy = strdup(path);

	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return err_set(e, errno, "create directory %s", copy);
		*p = c;
		if (!c)
			return 0;
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int remove_tree(const char *path, struct err **e)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
		return err_set(e, errno, "remove %s", path);
	return 0;
}

char *read_file(const char *path, size_t *len, struct err **e)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *buf = NULL;
	size_t used = 0, room = 0;

	if (fd < 0) {
		err_set(e, errno, "%s", path);
		return NULL;
	}
	for (;;) {
		ssize_t n;

		if (used + 1 >= room) {
			room = room ? room * 2 : 8192;
			char *more = realloc(buf, room);

			if (!more)
				abort();
			buf = more;
		}
		n = read(fd, buf + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set(e, errno, "read %s", path);
			return NULL;
		}
		if (n == 0)
			break;
		used += n;
	}
	buf[used] = '\0';
	if (len)
		*len = used;
	return take_ptr(buf);
}

int write_file(const char *path, const void *data, size_t len, struct err **e)
{
	cleanup_free char *tmp = NULL;
	int fd;

	tmp = text_format("%s.tmp.XXXXXX", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "create %s", tmp);
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, (const char *)data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set(e, errno, "write %s", path);
			goto fail;
		}
		done += n;
	}
	if (fchmod(fd, 0644) < 0 || fsync(fd) < 0) {
		err_set(e, errno, "write %s", path);
		goto fail;
	}
	close(fd);
	if (rename(tmp, path) < 0) {
		err_set(e, errno, "rename to %s", path);
		unlink(tmp);
		return -1;
	}
	return 0;
fail:
	close(fd);
	unlink(tmp);
	return -1;
}
