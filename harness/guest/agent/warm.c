/* The job that warms a machine up: a login like that of a case, without the candidate. What it
 * leaves is put back to what was there, so that a case finds no login before its own. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "prepare.h"
#include "rehearse.h"
#include "report.h"

static struct record {
	const char *path;
	bool there;
	char *data;
	size_t len;
	mode_t mode;
} records[] = {{.path = "/run/utmp"},
               {.path = "/var/log/wtmp"},
               {.path = "/var/log/btmp"},
               {.path = "/var/log/lastlog"},
               {.path = "/var/log/auth.log"}};

#define RECORDS (sizeof(records) / sizeof(*records))

static void keep(struct record *r)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && (r->data = malloc(st.st_size + 1))) {
		r->there = read(fd, r->data, st.st_size) == st.st_size;
		r->len = st.st_size;
		r->mode = st.st_mode & 07777;
	}
	if (!r->there)
		report_fault("read %s", r->path);
	close(fd);
}

static void put_back(const struct record *r)
{
	if (r->there)
		write_whole(r->path, r->data, r->len, r->mode);
	else
		unlink(r->path);
}

int run_warm(json_t *job)
{
	int status;

	for (size_t i = 0; i < RECORDS; i++)
		keep(&records[i]);
	rehearse_session();
	status = run_case(job);
	write_files(json_object_get(job, "files_after"));
	for (size_t i = 0; i < RECORDS; i++)
		put_back(&records[i]);
	return status;
}
