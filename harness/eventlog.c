#include "eventlog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"
#include "text.h"

struct eventlog {
	pthread_mutex_t lock;
	char *path;
	int fd;
	off_t whole; /* bytes up to the end of the last whole line */
	bool failed;
};

int eventlog_open(const char *dir, struct eventlog **log, struct err **e)
{
	cleanup_free char *path = NULL;
	cleanup_close int fd = -1;

	if (make_dirs(dir, e) < 0)
		return -1;
	path = text_format("%s/" EVENTLOG_NAME, dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_usage(e, "%s holds an earlier run: name another directory", dir);
	if (fd < 0)
		return err_set(e, errno, "create event log %s", path);
	*log = calloc(1, sizeof(**log));
	if (!*log)
		abort();
	pthread_mutex_init(&(*log)->lock, NULL);
	(*log)->path = take_ptr(path);
	(*log)->fd = take_fd(&fd);
	return 0;
}

char *eventlog_line(const json_t *obj)
{
	if (!json_is_object(obj))
		return NULL;
	return json_dumps(obj, JSON_COMPACT);
}

/* Writes the line whole or not at all. */
static int append(struct eventlog *log, const char *line, size_t len, struct err **e)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(log->fd, line + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
	}
	if (done < len) {
		int errnum = errno;

		log->failed = true;
		err_set(e, errnum, "write event log %s: it ends here", log->path);
		if (ftruncate(log->fd, log->whole) < 0)
			err_wrap(e, "cut off its last line (%s)", strerror(errno));
		return -1;
	}
	log->whole += (off_t)len;
	return 0;
}

int eventlog_write(struct eventlog *log, const json_t *obj, struct err **e)
{
	cleanup_free char *line = eventlog_line(obj);
	size_t len;
	int done = 0;

	if (!line)
		return err_set(e, 0, "event log: not an object");
	len = strlen(line);
	line[len++] = '\n'; /* a line needs no NUL */
	pthread_mutex_lock(&log->lock);
	if (!log->failed)
		done = append(log, line, len, e);
	pthread_mutex_unlock(&log->lock);
	return done;
}

int eventlog_event(struct eventlog *log, const char *id, const json_t *said, struct err **e)
{
	cleanup_json json_t *obj = json_pack("{s:s, s:s}", "type", "event", "case", id);

	/* What is there stays: a guest cannot pass its event off as another case's. */
	if (!obj || json_object_update_missing(obj, (json_t *)said) < 0)
		return err_set(e, 0, "event log: not an event");
	return eventlog_write(log, obj, e);
}

bool eventlog_failed(struct eventlog *log)
{
	bool failed;

	pthread_mutex_lock(&log->lock);
	failed = log->failed;
	pthread_mutex_unlock(&log->lock);
	return failed;
}

int eventlog_close(struct eventlog **log, struct err **e)
{
	struct eventlog *l = *log;
	int done = 0;

	if (!l)
		return 0;
	*log = NULL;
	if (fsync(l->fd) < 0 && !l->failed)
		done = err_set(e, errno, "write event log %s", l->path);
	if (close(l->fd) < 0 && !l->failed && !done)
		done = err_set(e, errno, "close event log %s", l->path);
	pthread_mutex_destroy(&l->lock);
	free(l->path);
	free(l);
	return done;
}

char *eventlog_time(time_t when)
{
	char buf[32];
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return strdup("1970-01-01T00:00:00Z");
	return strdup(buf);
}

void eventlog_damage_free(struct eventlog_damage *damage)
{
	free(damage->lines);
	*damage = (struct eventlog_damage){0};
}

static void note_damage(struct eventlog_damage *damage, size_t number)
{
	size_t *more = realloc(damage->lines, (damage->count + 1) * sizeof(*more));

	if (!more)
		abort();
	more[damage->count++] = number;
	damage->lines = more;
}

static FILE *open_log(const char *path, struct err **e)
{
	cleanup_free char *inside = NULL;
	struct stat st;
	FILE *f;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		inside = text_format("%s/" EVENTLOG_NAME, path);
		path = inside;
	}
	f = fopen(path, "re");
	if (!f)
		err_usage(e, "event log %s: %s", path, strerror(errno));
	return f;
}

static int check_format(const json_t *obj, struct err **e)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	json_int_t format = json_integer_value(json_object_get(obj, "format"));

	if (type && !strcmp(type, "run") && format > EVENTLOG_FORMAT)
		return err_usage(e, "format %lld: a newer pamlab wrote it; this one reads up to %d",
		                 (long long)format, EVENTLOG_FORMAT);
	return 0;
}

int eventlog_read_stream(FILE *f, const char *name, eventlog_line_fn *fn, void *data,
                         struct eventlog_damage *damage, struct err **e)
{
	cleanup_free char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int done;

	*damage = (struct eventlog_damage){0};
	for (size_t number = 1; errno = 0, (n = getline(&line, &room, f)) >= 0; number++) {
		cleanup_json json_t *obj = json_loadb(line, (size_t)n, JSON_ALLOW_NUL, NULL);

		if (json_is_object(obj)) {
			if (check_format(obj, e) < 0)
				return err_wrap(e, "event log %s: line %zu", name, number);
			done = fn(data, number, obj);
			if (done)
				return done;
		} else if (line[n - 1] == '\n') {
			note_damage(damage, number);
		} else {
			damage->truncated = true;
		}
	}
	if (ferror(f))
		return err_set(e, errno, "read event log %s", name);
	return 0;
}

int eventlog_read(const char *path, eventlog_line_fn *fn, void *data,
                  struct eventlog_damage *damage, struct err **e)
{
	cleanup_file FILE *f = open_log(path, e);

	*damage = (struct eventlog_damage){0};
	return f ? eventlog_read_stream(f, path, fn, data, damage, e) : -1;
}
