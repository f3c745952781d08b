#include "doctor.h"

#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "accel.h"
#include "capture.h"
#include "cleanup.h"
#include "paths.h"
#include "text.h"

#define GIB           (1024.0 * 1024 * 1024)
#define MEMORY_NEEDED (1.5 * GIB) /* two guests, each touching part of its 512 MiB */
#define DISK_NEEDED   (4 * GIB)   /* an image, its root file system, some templates */

__attribute__((format(printf, 2, 3))) static struct finding finding(enum finding_state state,
                                                                    const char *fmt, ...)
{
	struct finding f = {.state = state};
	va_list ap;

	va_start(ap, fmt);
	f.text = text_vformat(fmt, ap);
	va_end(ap);
	return f;
}

static struct finding look_qemu(void)
{
	cleanup_free char *path = NULL, *version = NULL;
	cleanup_err struct err *e = NULL;

	if (qemu_find(&path, &version, &e) < 0)
		return finding(FINDING_MISSING, "%s", e->msg);
	return finding(FINDING_OK, "%s, %s", path, version);
}

static struct finding look_program(const char *name, const char *package, const char *what)
{
	cleanup_free char *path = find_program(name);

	if (!path)
		return finding(FINDING_MISSING, "%s is not installed (%s): apt-get install %s",
		               name, what, package);
	return finding(FINDING_OK, "%s", path);
}

static struct finding look_mmdebstrap(void)
{
	return look_program("mmdebstrap", "mmdebstrap", "builds root file systems");
}

static struct finding look_cpp(void)
{
	return look_program("cpp", "cpp", "expands the PAM stacks");
}

static struct finding look_apt(void)
{
	return look_program("apt-get", "apt", "fetches kernels and packages; a Debian host has it");
}

/* Whether /etc/subuid or /etc/subgid gives the user a range (subuid(5): NAME-OR-UID:START:COUNT).
 */
static bool has_range(const char *file, const char *name, uid_t uid)
{
	cleanup_file FILE *f = fopen(file, "re");
	cleanup_free char *line = NULL;
	char number[24];
	size_t room = 0;

	snprintf(number, sizeof(number), "%u", uid);
	while (f && getline(&line, &room, f) > 0) {
		size_t n = strcspn(line, ":");
		long count = 0;

		line[n] = '\0';
		if (strcmp(line, number) != 0 && (!name || strcmp(line, name) != 0))
			continue;
		if (sscanf(line + n + 1, "%*u:%ld", &count) == 1 && count >= 65536)
			return true;
	}
	return false;
}

static struct finding look_subuid(void)
{
	uid_t uid = getuid();
	struct passwd *pw = getpwuid(uid);
	cleanup_free char *helper = find_program("newuidmap");
	const char *name = pw ? pw->pw_name : NULL;

	if (uid == 0)
		return finding(FINDING_OK, "not needed by root");
	if (!helper)
		return finding(FINDING_MISSING, "newuidmap is not installed (builds images "
		                                "without root): apt-get install uidmap");
	if (!has_range("/etc/subuid", name, uid) || !has_range("/etc/subgid", name, uid))
		return finding(FINDING_MISSING,
		               "%s has no 65536 ids in /etc/subuid and /etc/subgid (builds images "
		               "without root): usermod --add-subuids 100000-165535 "
		               "--add-subgids 100000-165535 %s",
		               name ? name : "this user", name ? name : "USER");
	return finding(FINDING_OK, "%s has a range in /etc/subuid and /etc/subgid",
	               name ? name : "this user");
}

static double memory_available(void)
{
	cleanup_file FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	unsigned long kib;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu kB", &kib) == 1)
			return (double)kib * 1024;
	return -1;
}

static struct finding look_memory(void)
{
	double bytes = memory_available();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (bytes < 0)
		return finding(FINDING_NOTE, "/proc/meminfo does not say how much is free");
	if (bytes < MEMORY_NEEDED)
		return finding(FINDING_MISSING, "%.1f GiB free, %.1f GiB needed: end something",
		               bytes / GIB, MEMORY_NEEDED / GIB);
	return finding(FINDING_OK, "%.1f GiB free, %ld CPUs", bytes / GIB, cpus);
}

/* The nearest folder above a path that exists; changes the string. */
static void cut_to_existing(char *path)
{
	struct stat st;

	while (stat(path, &st) < 0) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path) {
			path[0] = slash ? '/' : '.';
			path[1] = '\0';
			return;
		}
		*slash = '\0';
	}
}

static struct finding look_disk(void)
{
	cleanup_free char *dir = path_cache(".");
	struct statvfs fs;
	double bytes;

	dir[strlen(dir) - 2] = '\0';
	cut_to_existing(dir);
	if (statvfs(dir, &fs) < 0)
		return finding(FINDING_NOTE, "%s: %s", dir, strerror(errno));
	if (access(dir, W_OK) < 0)
		return finding(FINDING_MISSING,
		               "%s: %s; set PAMLAB_CACHE to a folder that you may write", dir,
		               strerror(errno));
	bytes = (double)fs.f_bavail * (double)fs.f_frsize;
	if (bytes < DISK_NEEDED)
		return finding(FINDING_MISSING,
		               "%.1f GiB free at %s, %.0f GiB needed: free some, or set "
		               "PAMLAB_CACHE to another file system",
		               bytes / GIB, dir, DISK_NEEDED / GIB);
	return finding(FINDING_OK, "%.1f GiB free at %s", bytes / GIB, dir);
}

static double counted_bytes; /* nftw passes nothing on */

static int count_bytes(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (type == FTW_F)
		counted_bytes += (double)st->st_blocks * 512;
	return 0;
}

static struct finding look_cache(void)
{
	cleanup_free char *dir = path_cache(".");

	dir[strlen(dir) - 2] = '\0';
	counted_bytes = 0;
	if (nftw(dir, count_bytes, 16, FTW_PHYS | FTW_MOUNT) < 0)
		return finding(errno == ENOENT ? FINDING_OK : FINDING_NOTE, "%s: %s", dir,
		               errno == ENOENT ? "nothing yet" : strerror(errno));
	return finding(FINDING_OK, "%s holds %.2f GiB of images and templates (pamlab image rm)",
	               dir, counted_bytes / GIB);
}

static struct finding look_tcg(void)
{
	cleanup_free char *why = NULL;
	cleanup_err struct err *e = NULL;
	enum accel accel;

	if (accel_choose("auto", &accel, &why, &e) < 0)
		return finding(FINDING_MISSING, "%s", e->msg);
	return finding(FINDING_OK, "works; --accel auto means %s: %s", accel_name(accel), why);
}

static struct finding look_kvm(void)
{
	struct kvm_answer answer = {0};
	cleanup_err struct err *e = NULL;

	if (kvm_probe(true, &answer, &e) < 0)
		return finding(FINDING_NOTE, "not tried: %s", e->msg);
	if (answer.state == KVM_WORKS)
		return (struct finding){FINDING_OK, answer.text};
	return (struct finding){FINDING_NOTE, answer.text};
}

const struct check checks[] = {
    {"qemu", look_qemu},   {"mmdebstrap", look_mmdebstrap}, {"cpp", look_cpp},
    {"apt", look_apt},     {"memory", look_memory},         {"disk", look_disk},
    {"cache", look_cache}, {"subuid", look_subuid},         {"tcg", look_tcg},
    {"kvm", look_kvm},
};
const size_t check_count = sizeof(checks) / sizeof(*checks);
