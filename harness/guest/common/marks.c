#include "common/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cleanup.h"

int marks_create(const char *path)
{
	cleanup_close int fd = -1;

	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || fchmod(fd, 0666) < 0)
		return -1;
	return ftruncate(fd, sizeof(struct marks));
}

struct marks *marks_map(const char *path)
{
	cleanup_close int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	void *m;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	if (st.st_size < (off_t)sizeof(struct marks)) {
		errno = EINVAL;
		return NULL;
	}
	m = mmap(NULL, sizeof(struct marks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return m == MAP_FAILED ? NULL : m;
}

void marks_unmap(struct marks *m)
{
	if (m)
		munmap(m, sizeof(*m));
}
