#include "kernel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "paths.h"
#include "suggest.h"
#include "text.h"

/* The recipes: what -k takes, the script of images/kernels that makes it, what it is called. */
struct recipe {
	const char *which, *script, *argument, *prefix, *suffix;
};
static const struct recipe recipes[] = {
    {"6.1", "fetch", "6.1", "linux-6.1.", ""},
    {"6.12", "fetch", "6.12", "linux-6.12.", ""},
    {"minimal", "build-minimal", "6.1", "linux-6.1.", "-minimal"},
};
static const char *const known[] = {"6.1", "6.12", "minimal", NULL};

static const struct recipe *find_recipe(const char *which)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		if (strcmp(recipes[i].which, which) == 0)
			return &recipes[i];
	}
	return NULL;
}

/* prefix, digits, suffix */
static bool is_made_by(const struct recipe *r, const char *name)
{
	size_t n = strlen(r->prefix), digits;

	if (strncmp(name, r->prefix, n) != 0)
		return false;
	digits = strspn(name + n, "0123456789");
	return digits > 0 && strcmp(name + n + digits, r->suffix) == 0;
}

/* The newest in the cache that the recipe has made; NULL if there is none. */
static char *find_newest(const struct recipe *r)
{
	cleanup_free char *path = path_cache("kernels");
	cleanup_dir DIR *dir = opendir(path);
	char *newest = NULL;
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (!is_made_by(r, d->d_name) || (newest && strverscmp(d->d_name, newest) <= 0))
			continue;
		free(newest);
		newest = strdup(d->d_name);
	}
	return newest;
}

static int check_image(const char *path, struct err **e)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char magic[4];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_usage(e, "kernel %s: %s", path, strerror(errno));
	/* The x86 boot protocol's header: Documentation/arch/x86/boot.rst */
	if (!S_ISREG(st.st_mode) || pread(fd, magic, 4, 0x202) != 4 ||
	    memcmp(magic, "HdrS", 4) != 0)
		return err_usage(e, "kernel %s: not an x86 kernel (a bzImage, as /boot/vmlinuz-*)",
		                 path);
	return 0;
}

static int use_cached(const char *name, struct kernel *out, struct err **e)
{
	cleanup_free char *dir = path_cache("kernels/%s", name);

	out->name = strdup(name);
	out->vmlinuz = path_cache("kernels/%s/vmlinuz", name);
	out->hash = read_line(dir, "hash", e);
	return out->hash ? 0 : -1;
}

static int use_file(const char *path, struct kernel *out, struct err **e)
{
	const char *base = strrchr(path, '/');

	if (check_image(path, e) < 0)
		return -1;
	out->name = strdup(base ? base + 1 : path);
	for (char *p = out->name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			*p = '-';
	}
	out->vmlinuz = strdup(path);
	out->hash = hash_file(path, e);
	return out->hash ? 0 : -1;
}

static char *make_kernel(const struct recipe *r, progress_fn progress, void *arg, struct err **e)
{
	cleanup_build struct build b = BUILD_INIT;
	cleanup_free char *script = path_home("images/kernels/%s", r->script);
	cleanup_free char *vmlinuz = NULL, *hash = NULL, *to = NULL, *name = NULL;

	if (build_begin(&b, "kernels", r->which, progress, arg, e) < 0)
		return NULL;
	name = find_newest(r);
	if (name) /* by the one we waited for */
		return take_ptr(name);
	char *argv[] = {script, (char *)r->argument, b.dir, NULL};
	if (run_script(&b, argv, progress, arg, e) < 0)
		return NULL;
	vmlinuz = text_format("%s/vmlinuz", b.dir);
	to = text_format("%s/hash", b.dir);
	name = read_line(b.dir, "name", e);
	if (!name || check_image(vmlinuz, e) < 0 || !(hash = hash_file(vmlinuz, e)) ||
	    write_file(to, hash, strlen(hash), e) < 0 || build_keep(&b, name, e) < 0)
		return NULL;
	return take_ptr(name);
}

static int use_recipe(const struct recipe *r, bool fetch, progress_fn progress, void *arg,
                      struct kernel *out, struct err **e)
{
	cleanup_free char *name = find_newest(r);

	if (!name && !fetch)
		return err_usage(e, "kernel %s is not there yet: run 'pamlab image build %s'",
		                 r->which, r->which);
	if (!name)
		name = make_kernel(r, progress, arg, e);
	if (!name)
		return err_wrap(e, "kernel %s", r->which);
	return use_cached(name, out, e);
}

int kernel_get(const char *which, bool fetch, progress_fn progress, void *arg, struct kernel *out,
               struct err **e)
{
	const struct recipe *r;
	cleanup_free char *cached = NULL;
	const char *near;
	int result;

	if (!which)
		which = "6.1";
	r = find_recipe(which);
	memset(out, 0, sizeof(*out));
	if (r) {
		result = use_recipe(r, fetch, progress, arg, out, e);
	} else if (strchr(which, '/')) {
		result = use_file(which, out, e);
	} else {
		cached = path_cache("kernels/%s/vmlinuz", which);
		near = suggest(which, known);
		if (which[0] != '.' && access(cached, R_OK) == 0)
			result = use_cached(which, out, e);
		else if (near)
			result =
			    err_usage(e, "unknown kernel '%s': did you mean '%s'?", which, near);
		else
			result = err_usage(e, "unknown kernel '%s': 6.1, 6.12, minimal or a path",
			                   which);
	}
	if (result < 0)
		kernel_free(out);
	return result;
}

void kernel_free(struct kernel *kernel)
{
	free(kernel->name);
	free(kernel->vmlinuz);
	free(kernel->hash);
	memset(kernel, 0, sizeof(*kernel));
}
