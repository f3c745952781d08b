/* pamlab image: what there is to boot. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "image.h"
#include "kernel.h"
#include "paths.h"
#include "suggest.h"
#include "verbs.h"

static const char usage[] =
    "usage: pamlab image build [NAME...]      make images and kernels that are not there yet\n"
    "       pamlab image list                 show what is there\n"
    "       pamlab image rm NAME...|--all     remove it\n"
    "\n"
    "NAME is an image (debian12, or the path of a .cpio or .tar*) or a kernel (6.1, 6.12,\n"
    "minimal). 'build' without NAME makes debian12 and 6.1. Templates made of an image stay.\n";

static int report(struct err **e)
{
	return (int)err_report(e);
}

static void show_progress(const char *line, void *arg)
{
	fprintf(stderr, "  %s: %s\n", (const char *)arg, line);
}

static int refuse_usage(const char *complaint, const char *what)
{
	if (complaint)
		fprintf(stderr, "pamlab image: %s%s\n", complaint, what);
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* --- build -------------------------------------------------------------------------------------
 */

static bool is_kernel(const char *name)
{
	return strcmp(name, "6.1") == 0 || strcmp(name, "6.12") == 0 ||
	       strcmp(name, "minimal") == 0 || strncmp(name, "linux-", 6) == 0;
}

static int build_one(const char *name)
{
	cleanup_err struct err *e = NULL;

	if (is_kernel(name)) {
		cleanup_kernel struct kernel k = {0};

		if (kernel_get(name, true, show_progress, (void *)name, &k, &e) < 0)
			return report(&e);
		printf("%s  %s  %s\n", k.name, k.hash, k.vmlinuz);
	} else {
		cleanup_image struct image i = {0};

		if (image_get(name, true, show_progress, (void *)name, &i, &e) < 0)
			return report(&e);
		printf("%s  %s  %s\n", i.name, i.hash, i.cpio);
	}
	return EXIT_HOLDS;
}

static int build(int argc, char **argv)
{
	static char image[] = "debian12", kernel[] = "6.1";
	static char *defaults[] = {image, kernel};

	if (argc == 0) {
		argv = defaults;
		argc = 2;
	}
	for (int i = 0; i < argc; i++) {
		int status = build_one(argv[i]);

		if (status != EXIT_HOLDS)
			return status;
	}
	return EXIT_HOLDS;
}

/* --- list --------------------------------------------------------------------------------------
 */

typedef int (*visit_fn)(const char *family, const char *entry, void *arg, struct err **e);

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int visit_cache(const char *family, visit_fn visit, void *arg, struct err **e)
{
	cleanup_free char *dir = path_cache("%s", family);
	struct dirent **list = NULL;
	int n = scandir(dir, &list, not_hidden, versionsort), result = 0;

	for (int i = 0; i < n; i++) {
		cleanup_free struct dirent *d = list[i];

		if (result == 0)
			result = visit(family, d->d_name, arg, e);
	}
	free(list);
	return result;
}

static int show(const char *family, const char *entry, void *arg, struct err **e)
{
	cleanup_free char *dir = path_cache("%s/%s", family, entry);
	bool image = strcmp(family, "images") == 0;
	cleanup_free char *file =
	    path_cache("%s/%s/%s", family, entry, image ? "root.cpio" : "vmlinuz");
	cleanup_free char *hash = read_line(dir, "hash", NULL);
	char when[32] = "?";
	struct stat st;
	struct tm tm;

	(void)arg, (void)e;
	if (!hash || stat(file, &st) < 0)
		return 0;
	if (localtime_r(&st.st_mtime, &tm))
		strftime(when, sizeof(when), "%F %R", &tm);
	printf("%-6s  %-28s  %.12s  %6.1f MB  %s\n", image ? "image" : "kernel", entry, hash,
	       (double)st.st_size / 1e6, when);
	return 0;
}

static int list(void)
{
	__attribute__((cleanup(image_names_free))) char **names = image_names();

	for (char **p = names; *p; p++) {
		cleanup_image struct image i = {0};

		if (image_get(*p, false, NULL, NULL, &i, NULL) < 0)
			printf("%-6s  %-28s  not built yet\n", "image", *p);
	}
	visit_cache("images", show, NULL, NULL);
	visit_cache("kernels", show, NULL, NULL);
	return EXIT_HOLDS;
}

/* --- rm ----------------------------------------------------------------------------------------
 */

struct removal {
	const char *name; /* NULL: everything */
	int removed;
};

/* "debian12-0123456789ab" goes by that name and by "debian12"; a kernel by its own, and by its
 * series: "linux-6.1.192" by "6.1", "linux-6.1.192-minimal" by "minimal". */
static bool goes_by(const char *family, const char *entry, const char *name)
{
	size_t n = strlen(name);

	if (strcmp(entry, name) == 0)
		return true;
	if (strcmp(family, "images") == 0)
		return strncmp(entry, name, n) == 0 && entry[n] == '-' && strlen(entry) == n + 13;
	if (strncmp(entry, "linux-", 6) != 0)
		return false;
	if (strcmp(name, "minimal") == 0)
		return strstr(entry, "-minimal");
	return is_kernel(name) && strncmp(entry + 6, name, n) == 0 && entry[6 + n] == '.' &&
	       !strstr(entry, "-minimal");
}

static int remove_entry(const char *family, const char *entry, void *arg, struct err **e)
{
	cleanup_free char *dir = path_cache("%s/%s", family, entry);
	struct removal *r = arg;

	if (r->name && !goes_by(family, entry, r->name))
		return 0;
	r->removed++;
	return remove_tree(dir, e);
}

static int rm(int argc, char **argv, bool all)
{
	cleanup_err struct err *e = NULL;

	if (all == (argc > 0))
		return refuse_usage("rm: name what to remove, or --all", "");
	for (int i = 0; i < (all ? 1 : argc); i++) {
		struct removal r = {.name = all ? NULL : argv[i]};

		if (visit_cache("images", remove_entry, &r, &e) < 0 ||
		    visit_cache("kernels", remove_entry, &r, &e) < 0)
			return report(&e);
		if (!r.removed && !all) {
			err_usage(&e, "no image or kernel '%s': 'pamlab image list' shows them",
			          r.name);
			return report(&e);
		}
	}
	return EXIT_HOLDS;
}

int cmd_image(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'}, {"all", no_argument, NULL, 'a'}, {0}};
	static const char *const verbs[] = {"build", "list", "rm", NULL};
	const char *verb, *near;
	bool all = false;
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(usage, stdout);
			return EXIT_HOLDS;
		case 'a':
			all = true;
			break;
		default:
			return refuse_usage(NULL, NULL);
		}
	}
	if (optind >= argc)
		return refuse_usage("what to do? build, list or rm", "");
	verb = argv[optind++];
	argc -= optind;
	argv += optind;
	if (strcmp(verb, "rm") == 0)
		return rm(argc, argv, all);
	if (all)
		return refuse_usage("--all goes with rm only", "");
	if (strcmp(verb, "build") == 0)
		return build(argc, argv);
	if (strcmp(verb, "list") == 0)
		return argc ? refuse_usage("list: takes no names: ", argv[0]) : list();
	near = suggest(verb, verbs);
	if (near)
		fprintf(stderr, "pamlab image: did you mean '%s'?\n", near);
	return refuse_usage("unknown: ", verb);
}
