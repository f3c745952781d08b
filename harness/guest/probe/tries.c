#include "probe/tries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/probe.h"

int try_file(const char *dir, const struct trial *t)
{
	static const int flags[] = {
	    [TRY_READ] = O_RDONLY, [TRY_CHANGE] = O_RDWR, [TRY_WRITE] = O_WRONLY};
	char path[128], link[256];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s%s", dir, t->path);
	if (t->how == TRY_LINK)
		return readlink(path, link, sizeof(link)) < 0 ? errno : 0;
	if (t->how == TRY_STAT)
		return stat(path, &st) < 0 ? errno : 0;
	fd = open(path, flags[t->how] | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

json_t *try_files(const char *dir, const struct trial *list, size_t n)
{
	json_t *results = json_array();

	for (size_t i = 0; i < n; i++) {
		int error = try_file(dir, &list[i]);

		json_array_append_new(results, json_sprintf("%s: %s", list[i].path,
		                                            error ? errno_name(error) : "ok"));
	}
	return results;
}

json_t *opened_files(const char *dir, const struct trial *list, size_t n)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < n; i++)
		if (try_file(dir, &list[i]) == 0)
			json_array_append_new(paths, json_string(list[i].path));
	return paths;
}

char *value_of(const char *path, const char *key)
{
	cleanup_free char *text = procfs_file_at(AT_FDCWD, path, NULL);
	size_t length = strlen(key);
	char *save;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		if (strncmp(l, key, length) != 0 || l[length] != ':')
			continue;
		l += length + 1;
		return strdup(l + strspn(l, " \t"));
	}
	return NULL;
}

char *first_line(const char *path)
{
	char *text = procfs_file_at(AT_FDCWD, path, NULL);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

json_t *number_in(const char *path)
{
	cleanup_free char *line = first_line(path);
	char *end;
	long long value;

	if (!line || !line[0])
		return json_null();
	value = strtoll(line, &end, 10);
	return *end ? json_null() : json_integer(value);
}

bool pid_listed(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return access(path, F_OK) == 0;
}
