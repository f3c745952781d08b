#include "image.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "cpio.h"
#include "paths.h"
#include "suggest.h"
#include "text.h"

/* No file of an image is younger: 2024-01-01, where the guest's clock starts. */
enum { EPOCH = 1704067200 };

static char *format(const char *fmt, const char *a, const char *b)
{
	return text_format(fmt, a, b);
}

static bool exists(const char *path)
{
	return access(path, R_OK) == 0;
}

/* --- images from a recipe ----------------------------------------------------------------------
 */

char **image_names(void)
{
	cleanup_free char *dir = path_home("images");
	char **names = calloc(1, sizeof(*names));
	struct dirent **list = NULL;
	int n = scandir(dir, &list, NULL, alphasort);
	size_t used = 0;

	for (int i = 0; i < n; i++) {
		cleanup_free struct dirent *d = list[i];
		cleanup_free char *build = path_home("images/%s/build", d->d_name);

		if (d->d_name[0] == '.' || access(build, X_OK) < 0)
			continue;
		names = reallocarray(names, used + 2, sizeof(*names));
		if (!names)
			abort();
		names[used++] = strdup(d->d_name);
		names[used] = NULL;
	}
	free(list);
	return names;
}

void image_names_free(char ***names)
{
	for (char **p = *names; p && *p; p++)
		free(*p);
	free(*names);
	*names = NULL;
}

static int refuse_unknown(const char *name, struct err **e)
{
	__attribute__((cleanup(image_names_free))) char **names = image_names();
	const char *near = suggest(name, (const char *const *)names);
	cleanup_free char *home = path_home("images");

	if (!names[0])
		return err_set(e, 0, "no recipe in %s: set PAMLAB_HOME to pamlab's folder", home);
	if (near)
		return err_usage(e, "unknown image '%s': did you mean '%s'?", name, near);
	return err_usage(e, "unknown image '%s': 'pamlab image list' shows which there are", name);
}

/* Makes root.cpio and hash in the directory from an archive that may be removed afterwards. */
static int finish(const char *dir, const char *archive, struct err **e)
{
	cleanup_free char *cpio = format("%s/%s", dir, "root.cpio");
	cleanup_free char *to = format("%s/%s", dir, "hash");
	cleanup_free char *hash = NULL;

	if (cpio_from_archive(archive, cpio, EPOCH, e) < 0)
		return -1;
	hash = hash_file(cpio, e);
	return hash ? write_file(to, hash, strlen(hash), e) : -1;
}

/* What was made for that hash, which is cut: the entry's name and folder, and whether it is there.
 */
static bool find_made(const char *name, char *hash, char **entry, char **dir)
{
	cleanup_free char *done = NULL;

	hash[12] = '\0';
	*entry = format("%s-%s", name, hash);
	*dir = path_cache("images/%s", *entry);
	done = format("%s/%s", *dir, "hash");
	return exists(done);
}

static int take_made(const char *name, const char *dir, struct image *out, struct err **e)
{
	out->name = strdup(name);
	out->cpio = format("%s/%s", dir, "root.cpio");
	out->hash = read_line(dir, "hash", e);
	return out->hash ? 0 : -1;
}

static int make_from_recipe(const char *name, const char *entry, progress_fn progress, void *arg,
                            struct err **e)
{
	cleanup_build struct build b = BUILD_INIT;
	cleanup_free char *script = path_home("images/%s/build", name);
	cleanup_free char *done = path_cache("images/%s/hash", entry);
	cleanup_free char *tar = NULL, *scratch = NULL;

	if (build_begin(&b, "images", name, progress, arg, e) < 0)
		return -1;
	if (exists(done)) /* by the one we waited for */
		return 0;
	char *argv[] = {script, b.dir, NULL};
	if (run_script(&b, argv, progress, arg, e) < 0)
		return -1;
	if (progress)
		progress("converting to cpio", arg);
	tar = format("%s/%s", b.dir, "root.tar");
	scratch = format("%s/%s", b.dir, "overlay.tar");
	if (finish(b.dir, tar, e) < 0)
		return -1;
	unlink(tar);
	unlink(scratch);
	return build_keep(&b, entry, e);
}

static int get_from_recipe(const char *name, bool build, progress_fn progress, void *arg,
                           struct image *out, struct err **e)
{
	cleanup_free char *recipe = path_home("images/%s", name);
	cleanup_free char *script = path_home("images/%s/build", name);
	cleanup_free char *key = NULL, *entry = NULL, *dir = NULL;

	if (strchr(name, '/') || access(script, X_OK) < 0)
		return refuse_unknown(name, e);
	key = hash_tree(recipe, e);
	if (!key)
		return -1;
	if (!find_made(name, key, &entry, &dir)) {
		if (!build)
			return err_usage(e, "image %s is not built: run 'pamlab image build %s'",
			                 name, name);
		if (make_from_recipe(name, entry, progress, arg, e) < 0)
			return err_wrap(e, "build image %s", name);
	}
	out->packages = format("%s/%s", dir, "packages");
	out->modules = format("%s/%s", dir, "modules");
	return take_made(name, dir, out, e);
}

/* --- images that the user brings ---------------------------------------------------------------
 */

/* "/a/b/my root.tar.gz" -> "my-root" */
static char *name_of(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = strdup(base ? base + 1 : path), *suffix;

	for (suffix = name; (suffix = strchr(suffix, '.')); suffix++) {
		if (strncmp(suffix, ".tar", 4) == 0 || strncmp(suffix, ".cpio", 5) == 0 ||
		    strcmp(suffix, ".tgz") == 0) {
			*suffix = '\0';
			break;
		}
	}
	for (char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("._+", *p))
			*p = '-';
	}
	return name;
}

static bool is_archive(const char *name)
{
	return strstr(name, ".cpio") || strstr(name, ".tar") || strstr(name, ".tgz");
}

static int get_from_archive(const char *path, progress_fn progress, void *arg, struct image *out,
                            struct err **e)
{
	cleanup_free char *name = name_of(path), *key = NULL, *entry = NULL;
	cleanup_free char *dir = NULL;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_usage(e, "image %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_usage(e, "image %s: not a file", path);
	key = hash_file(path, e);
	if (!key)
		return -1;
	if (!find_made(name, key, &entry, &dir)) {
		cleanup_build struct build b = BUILD_INIT;

		if (build_begin(&b, "images", name, progress, arg, e) < 0 ||
		    finish(b.dir, path, e) < 0 || build_keep(&b, entry, e) < 0)
			return err_wrap(e, "image");
	}
	return take_made(name, dir, out, e);
}

int image_get(const char *name, bool build, progress_fn progress, void *arg, struct image *out,
              struct err **e)
{
	int result;

	memset(out, 0, sizeof(*out));
	if (strchr(name, '/') || is_archive(name))
		result = get_from_archive(name, progress, arg, out, e);
	else
		result = get_from_recipe(name, build, progress, arg, out, e);
	if (result < 0)
		image_free(out);
	return result;
}

void image_free(struct image *image)
{
	free(image->name);
	free(image->cpio);
	free(image->hash);
	free(image->packages);
	free(image->modules);
	memset(image, 0, sizeof(*image));
}
