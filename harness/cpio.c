#include "cpio.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"

/* A tar archive says "hard link to NAME"; newc wants to know at the first of them how many there
 * are, and the same inode number at all. So the names that are linked to are gathered first. */
struct links {
	struct link {
		char *name;
		unsigned int count;
	} * v;
	size_t n;
};

static struct link *find_link(const struct links *links, const char *name)
{
	for (size_t i = 0; i < links->n; i++) {
		if (strcmp(links->v[i].name, name) == 0)
			return &links->v[i];
	}
	return NULL;
}

static void count_link(struct links *links, const char *name)
{
	struct link *l = find_link(links, name);

	if (l) {
		l->count++;
		return;
	}
	links->v = reallocarray(links->v, links->n + 1, sizeof(*links->v));
	if (!links->v)
		abort();
	links->v[links->n].name = strdup(name);
	links->v[links->n++].count = 2;
}

static void cleanup_links(struct links *links)
{
	for (size_t i = 0; i < links->n; i++)
		free(links->v[i].name);
	free(links->v);
}

static void cleanup_reader(struct archive **a)
{
	archive_read_free(*a);
}

static void cleanup_writer(struct archive **a)
{
	archive_write_free(*a);
}

static struct archive *open_archive(const char *path, struct err **e)
{
	struct archive *a = archive_read_new();

	archive_read_support_format_tar(a);
	archive_read_support_format_cpio(a);
	archive_read_support_filter_all(a);
	if (archive_read_open_filename(a, path, 1 << 20) == ARCHIVE_OK)
		return a;
	err_usage(e, "%s: %s", path, archive_error_string(a));
	archive_read_free(a);
	return NULL;
}

static int gather_links(const char *path, struct links *links, struct err **e)
{
	__attribute__((cleanup(cleanup_reader))) struct archive *in = open_archive(path, e);
	struct archive_entry *entry;
	int r;

	if (!in)
		return -1;
	while ((r = archive_read_next_header(in, &entry)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		if (archive_entry_hardlink(entry))
			count_link(links, archive_entry_hardlink(entry));
	}
	return r == ARCHIVE_EOF ? 0 : err_usage(e, "%s: %s", path, archive_error_string(in));
}

static int copy_data(struct archive *in, struct archive *out, const char *path, const char *cpio,
                     struct err **e)
{
	char buf[1 << 16];
	la_ssize_t n;

	while ((n = archive_read_data(in, buf, sizeof(buf))) > 0) {
		if (archive_write_data(out, buf, n) != n)
			return err_set(e, archive_errno(out), "write %s", cpio);
	}
	return n == 0 ? 0 : err_usage(e, "%s: %s", path, archive_error_string(in));
}

static int copy_entry(struct archive *in, struct archive_entry *entry, struct archive *out,
                      const struct links *links, time_t latest)
{
	const char *name = archive_entry_pathname(entry);
	const char *to = archive_entry_hardlink(entry);
	const struct link *link = find_link(links, to ? to : name);

	(void)in;
	if (to) {
		archive_entry_set_hardlink(entry, NULL);
		archive_entry_set_size(entry, 0);
		archive_entry_set_filetype(entry, AE_IFREG);
	}
	/* Numbers of our own: the writer gives its own numbers to files with one link. */
	archive_entry_set_dev(entry, 0);
	archive_entry_set_nlink(entry, link ? link->count : 1);
	archive_entry_set_ino(entry, link ? link - links->v + 1 : 0);
	if (!archive_entry_mtime_is_set(entry) || archive_entry_mtime(entry) > latest)
		archive_entry_set_mtime(entry, latest, 0);
	if (archive_entry_filetype(entry) != AE_IFREG)
		archive_entry_set_size(entry, 0);
	return archive_write_header(out, entry);
}

static int convert(const char *archive, const char *cpio, const struct links *links, time_t latest,
                   struct err **e)
{
	__attribute__((cleanup(cleanup_reader))) struct archive *in = open_archive(archive, e);
	__attribute__((cleanup(cleanup_writer))) struct archive *out = archive_write_new();
	struct archive_entry *entry;
	int r;

	if (!in)
		return -1;
	archive_write_set_format_cpio_newc(out);
	archive_write_set_bytes_in_last_block(out, 1);
	if (archive_write_open_filename(out, cpio) != ARCHIVE_OK)
		return err_set(e, archive_errno(out), "create %s", cpio);
	while ((r = archive_read_next_header(in, &entry)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		mode_t type = archive_entry_filetype(entry);

		if (type == AE_IFCHR || type == AE_IFBLK)
			continue;
		if (!archive_entry_pathname(entry))
			return err_usage(e, "%s: a name in it is not UTF-8", archive);
		if (copy_entry(in, entry, out, links, latest) < ARCHIVE_WARN)
			return err_set(e, 0, "write %s: %s", cpio, archive_error_string(out));
		if (archive_entry_size(entry) > 0 && copy_data(in, out, archive, cpio, e) < 0)
			return -1;
	}
	if (r != ARCHIVE_EOF)
		return err_usage(e, "%s: %s", archive, archive_error_string(in));
	if (archive_write_close(out) != ARCHIVE_OK)
		return err_set(e, archive_errno(out), "write %s", cpio);
	return 0;
}

int cpio_from_archive(const char *archive, const char *cpio, time_t latest, struct err **e)
{
	__attribute__((cleanup(cleanup_links))) struct links links = {0};
	/* libarchive translates names by the locale, and "C" has no letters beyond ASCII. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
	int result = gather_links(archive, &links, e);

	if (result == 0)
		result = convert(archive, cpio, &links, latest, e);
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
	return result;
}
