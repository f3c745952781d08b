#include "initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "paths.h"
#include "text.h"

/* 2024-01-01, where the guest's clock starts: a file from the future would be a surprise. */
enum { EPOCH = 1704067200 };

struct overlay {
	struct archive *archive; /* NULL when it is finished */
	char *data;
	size_t len, room;
};

static la_ssize_t append(struct archive *a, void *arg, const void *data, size_t len)
{
	struct overlay *o = arg;

	(void)a;
	if (o->len + len > o->room) {
		o->room = (o->len + len) * 2;
		o->data = realloc(o->data, o->room);
		if (!o->data)
			abort();
	}
	memcpy(o->data + o->len, data, len);
	o->len += len;
	return (la_ssize_t)len;
}

struct overlay *overlay_new(void)
{
	struct overlay *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->archive = archive_write_new();
	archive_write_set_format_cpio_newc(o->archive);
	archive_write_set_bytes_per_block(o->archive, 0);
	if (archive_write_open(o->archive, o, NULL, append, NULL) != ARCHIVE_OK)
		abort();
	return o;
}

static int climbs(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return 1;
	}
	return 0;
}

/* An entry of the given type; data is what a file contains. */
static int add(struct overlay *o, const char *path, mode_t type, mode_t mode, const char *target,
               const void *data, size_t len, struct err **e)
{
	struct archive_entry *entry;
	const char *name = path + strspn(path, "/");
	int ok;

	if (!o->archive)
		return err_set(e, 0, "initramfs: %s comes too late", path);
	if (!*name || climbs(name))
		return err_set(e, 0, "initramfs: '%s' is no path in it", path);
	entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, EPOCH, 0);
	archive_entry_set_size(entry, (la_int64_t)len);
	if (target)
		archive_entry_set_symlink(entry, target);
	ok = archive_write_header(o->archive, entry) == ARCHIVE_OK &&
	     (len == 0 || archive_write_data(o->archive, data, len) == (la_ssize_t)len);
	archive_entry_free(entry);
	if (!ok)
		return err_set(e, 0, "initramfs: %s: %s", path, archive_error_string(o->archive));
	return 0;
}

int overlay_add_file(struct overlay *o, const char *path, mode_t mode, const void *data, size_t len,
                     struct err **e)
{
	return add(o, path, AE_IFREG, mode, NULL, data, len, e);
}

int overlay_add_from(struct overlay *o, const char *path, mode_t mode, const char *host_path,
                     struct err **e)
{
	size_t len = 0;
	cleanup_free char *data = read_file(host_path, &len, e);

	if (!data)
		return -1;
	return add(o, path, AE_IFREG, mode, NULL, data, len, e);
}

int overlay_add_dir(struct overlay *o, const char *path, mode_t mode, struct err **e)
{
	return add(o, path, AE_IFDIR, mode, NULL, NULL, 0, e);
}

int overlay_add_symlink(struct overlay *o, const char *path, const char *target, struct err **e)
{
	return add(o, path, AE_IFLNK, 0777, target, NULL, 0, e);
}

const void *overlay_bytes(struct overlay *o, size_t *len, struct err **e)
{
	if (o->archive) {
		int r = archive_write_close(o->archive);

		archive_write_free(take_ptr(o->archive));
		if (r != ARCHIVE_OK) {
			err_set(e, 0, "initramfs: cannot be finished");
			return NULL;
		}
	}
	*len = o->len;
	return o->data;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

static int copy_file(int in, int out)
{
	ssize_t n;

	do
		n = sendfile(out, in, NULL, 1 << 30);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : 0;
}

int initramfs_write(const char *image_cpio, struct overlay *o, const char *out_path, struct err **e)
{
	cleanup_close int in = open(image_cpio, O_RDONLY | O_CLOEXEC), out = -1;
	cleanup_free char *tmp = NULL;
	static const char zeros[4];
	const void *data = NULL;
	size_t len = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return err_set(e, errno, "%s", image_cpio);
	if (o && !(data = overlay_bytes(o, &len, e)))
		return -1;
	tmp = text_format("%s.tmp.XXXXXX", out_path);
	out = mkostemp(tmp, O_CLOEXEC);
	if (out < 0)
		return err_set(e, errno, "create %s", tmp);
	/* An archive begins at a multiple of four bytes. */
	if (copy_file(in, out) < 0 || write_all(out, zeros, -(size_t)st.st_size % 4) < 0 ||
	    write_all(out, data, len) < 0 || fchmod(out, 0644) < 0 || rename(tmp, out_path) < 0) {
		err_set(e, errno, "write %s", out_path);
		unlink(tmp);
		return -1;
	}
	return 0;
}

void overlay_free(struct overlay **o)
{
	if (!*o)
		return;
	if ((*o)->archive)
		archive_write_free((*o)->archive);
	free((*o)->data);
	free(*o);
	*o = NULL;
}
