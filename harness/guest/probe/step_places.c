/* Ways out of the session's mounts that need no procfs of another PID namespace in the mount table:
 * where the program stands, its first process, a user namespace; and what was hidden before. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"
#include "probe/tries.h"
#include "probe/probe.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define DEEPEST     16 /* directories up from the working directory */
#define FOREIGN_MAX 20

/* --- working directory and root ------------------------------------------------------------------
 */

/* Is the mount that the path is on one of the session's? By its number, since 5.8 (statx(2)). */
static bool mount_listed(const char *path)
{
	cleanup_free char *mounts = procfs_file_at(AT_FDCWD, "/proc/self/mountinfo", NULL);
	struct statx st;
	char *save;

	if (!mounts || statx(AT_FDCWD, path, 0, STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_mask & STATX_MNT_ID))
		return false;
	for (char *l = strtok_r(mounts, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (strtoull(l, NULL, 10) == st.stx_mnt_id)
			return true;
	return false;
}

static bool in_procfs(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Numbers in a directory of a procfs that /proc does not have. */
static void add_foreign(json_t *foreign, int dir)
{
	cleanup_free pid_t *pids = NULL;
	size_t n = 0;

	if (!in_procfs(dir) || procfs_numbers_at(dir, ".", &pids, &n) < 0)
		return;
	for (size_t i = 0; i < n && json_array_size(foreign) < FOREIGN_MAX; i++)
		if (!pid_listed(pids[i]))
			json_array_append_new(foreign, json_integer(pids[i]));
}

static bool same_place(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* From the working directory upwards, and at the top into the directory proc: in a mount namespace
 * that is not the session's that is another procfs. */
static json_t *look_upwards(bool *is_proc)
{
	json_t *foreign = json_array();
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), up = -1;

	*is_proc = dir >= 0 && in_procfs(dir);
	for (int i = 0; dir >= 0 && i < DEEPEST; i++) {
		add_foreign(foreign, dir);
		up = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (up >= 0 && same_place(dir, up)) {
			cleanup_close int proc =
			    openat(up, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

			add_foreign(foreign, proc);
			close(up);
			up = -1;
		}
		close(dir);
		dir = up;
	}
	if (dir >= 0)
		close(dir);
	return foreign;
}

int step_places(struct session *s, long number)
{
	json_t *lost = json_array(), *foreign;
	char path[4096];
	bool is_proc;
	long n = syscall(SYS_getcwd, path, sizeof(path)); /* libc hides "(unreachable)" */

	(void)number;
	if (!mount_listed("."))
		json_array_append_new(lost, json_string("cwd"));
	if (!mount_listed("/"))
		json_array_append_new(lost, json_string("root"));
	foreign = look_upwards(&is_proc);
	if (observe(s, "places.lost", lost) < 0 || observe(s, "places.cwd_foreign", foreign) < 0 ||
	    observe(s, "places.cwd_is_proc", json_boolean(is_proc)) < 0)
		return -1;
	return observe(s, "places.cwd_path", n > 0 ? json_line_string(path) : json_null());
}

/* --- the first process --------------------------------------------------------------------------
 */

/* What only a process that may trace it can have (proc(5), ptrace(2)). */
static const struct trial private[] = {
    {"root", TRY_LINK},    {"cwd", TRY_LINK},    {"exe", TRY_LINK},     {"fd", TRY_READ},
    {"environ", TRY_READ}, {"maps", TRY_READ},   {"mem", TRY_READ},     {"auxv", TRY_READ},
    {"ns/mnt", TRY_LINK},  {"ns/pid", TRY_LINK}, {"ns/user", TRY_LINK},
};

/* The program itself, a copy of it, or the shell that an application starts a command by. */
static bool is_other(void)
{
	static const char *const own[] = {"session", "session-exec", "sh"};
	cleanup_free char *comm = first_line("/proc/1/comm");

	for (size_t i = 0; comm && i < COUNT(own); i++)
		if (!strcmp(comm, own[i]))
			return false;
	return getpid() != 1 && comm;
}

static json_t *words_of_first(void)
{
	size_t length = 0;
	cleanup_free char *text = procfs_file_at(AT_FDCWD, "/proc/1/cmdline", &length);
	json_t *words = json_array();
	char *save;

	for (size_t i = 0; text && i < length; i++)
		if (!text[i])
			text[i] = ' ';
	for (char *w = text ? strtok_r(text, " :[]()", &save) : NULL; w;
	     w = strtok_r(NULL, " :[]()", &save)) {
		char *slash = strrchr(w, '/');

		json_array_append_new(words, json_line_string(slash ? slash + 1 : w));
	}
	return words;
}

int step_first_process(struct session *s, long number)
{
	bool other = is_other();

	(void)number;
	if (observe(s, "pid1.other", json_boolean(other)) < 0 ||
	    observe(s, "pid1.opened",
	            other ? opened_files("/proc/1/", private, COUNT(private)) : json_array()) < 0 ||
	    observe(s, "pid1.self_opened", opened_files("/proc/self/", private, COUNT(private))) <
	        0)
		return -1;
	return observe(s, "pid1.words", other ? words_of_first() : json_array());
}

/* --- a user namespace ---------------------------------------------------------------------------
 */

struct tried {
	bool made;
	int umount_before, umount, mount; /* 0 or an errno */
	bool secret[8];
};

static bool shows_secret(const struct victim *v)
{
	char path[64];
	size_t length = 0;
	cleanup_free char *text = NULL;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", v->pid);
	text = procfs_file_at(AT_FDCWD, path, &length);
	return text && memmem(text, length, v->secret, strlen(v->secret));
}

static void try_to_uncover(struct tried *t, const struct victim *victims, size_t n)
{
	t->umount_before = umount2("/proc", MNT_DETACH) < 0 ? errno : 0;
	if (!t->umount_before)
		mount("proc", "/proc", "proc", 0, NULL); /* for the steps that follow */
	t->made = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
	if (!t->made)
		return;
	t->umount = umount2("/proc", MNT_DETACH) < 0 ? errno : 0;
	t->mount = mount("proc", "/proc", "proc", 0, NULL) < 0 ? errno : 0;
	for (size_t i = 0; i < n && i < COUNT(t->secret); i++)
		t->secret[i] = shows_secret(&victims[i]);
}

static json_t *answer(int error)
{
	return json_string(error ? errno_name(error) : "ok");
}

static int observe_tried(const struct session *s, const struct tried *t,
                         const struct victim *victims, size_t n)
{
	json_t *secrets = json_array();

	for (size_t i = 0; i < n && i < COUNT(t->secret); i++)
		if (t->secret[i])
			json_array_append_new(secrets, json_string(victims[i].name));
	if (observe(s, "userns.secrets", secrets) < 0 ||
	    observe(s, "userns.made", json_boolean(t->made)) < 0 ||
	    observe(s, "userns.umount_before", answer(t->umount_before)) < 0 ||
	    observe(s, "userns.umount", answer(t->umount)) < 0)
		return -1;
	return observe(s, "userns.mount", answer(t->mount));
}

int step_user_namespace(struct session *s, long number)
{
	cleanup_free struct victim *victims = NULL;
	struct tried *t;
	size_t n = 0;
	int result;
	pid_t child;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		return fault(s, "user-namespace: mmap: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		try_to_uncover(t, victims, n);
		_exit(0);
	}
	if (child < 0 || wait_for(child) != 0)
		result = fault(s, "user-namespace: no child");
	else
		result = observe_tried(s, t, victims, n);
	munmap(t, sizeof(*t));
	return result;
}

/* --- what is hidden -----------------------------------------------------------------------------
 */

int step_masks(struct session *s, long number)
{
	static const char *const paths[] = {"/proc/kcore", "/proc/fs"};
	json_t *kept = json_array();

	(void)number;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct statfs fs;

		if (statfs(paths[i], &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC)
			json_array_append_new(kept, json_string(paths[i]));
	}
	return observe(s, "masks.kept", kept);
}
