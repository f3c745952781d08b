#include "common/json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"

char *json_line_text(const json_t *j)
{
	size_t len = json_dumpb(j, NULL, 0, JSON_COMPACT);
	char *text;

	if (len == 0) {
		errno = EINVAL;
		return NULL;
	}
	text = malloc(len + 2);
	if (!text)
		return NULL;
	json_dumpb(j, text, len, JSON_COMPACT);
	text[len] = '\n';
	text[len + 1] = '\0';
	return text;
}

int json_line_write(int fd, const json_t *j)
{
	cleanup_free char *text = json_line_text(j);
	size_t len;
	ssize_t n;

	if (!text)
		return -1;
	len = strlen(text);
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n != len) {
		errno = EIO;
		return -1;
	}
	return n < 0 ? -1 : 0;
}

int json_line_observe(int fd, const char *name, json_t *value)
{
	cleanup_json json_t *j = NULL;

	if (!value) {
		errno = EINVAL;
		return -1;
	}
	j = json_pack("{s:s, s:o}", "name", name, "value", value);
	if (!j) {
		errno = EINVAL;
		return -1;
	}
	return json_line_write(fd, j);
}

json_t *json_line_stringn(const char *text, size_t len)
{
	json_t *j = json_stringn(text, len);
	cleanup_free char *copy = NULL;

	if (j)
		return j;
	copy = malloc(len + 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < len; i++)
		copy[i] = (unsigned char)text[i] > 127 ? '?' : text[i];
	return json_stringn(copy, len);
}

json_t *json_line_string(const char *text)
{
	return json_line_stringn(text, strlen(text));
}

int json_line_open(const char *path)
{
	const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, flags | O_CREAT | O_EXCL, 0666);
	if (fd < 0)
		return errno == EEXIST ? open(path, flags) : -1;
	fchmod(fd, 0666);
	return fd;
}
