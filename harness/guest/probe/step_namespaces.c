/* Namespaces and files that are reached by a handle or a number. What is right: fs/nsfs.c,
 * fs/namespace.c, fs/fhandle.c. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"

/* Newer than the headers of Debian 12: linux/nsfs.h, linux/mount.h. */
#define NSFS(nr)    _IO(0xb7, nr)
#define NS_PARENT   NSFS(0x2)
#define NS_MOUNT_ID _IOR(0xb7, 0x5, uint64_t)
struct mount_ns_info {
	uint32_t size, nr_mounts;
	uint64_t mnt_ns_id;
};
#define NS_MOUNT_NEXT     _IOR(0xb7, 0xb, struct mount_ns_info)
#define NS_MOUNT_PREVIOUS _IOR(0xb7, 0xc, struct mount_ns_info)
#define NR_LISTMOUNT      458
#define LIST_FROM_ROOT    UINT64_MAX

struct list_request {
	uint32_t size, spare;
	uint64_t mnt_id, param, mnt_ns_id;
};

enum { AROUND = 64, HANDLE_MAX = 128 };

static long ask(const char *path, unsigned long request, void *argument)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	long rc = fd < 0 ? -1 : ioctl(fd, request, argument);
	int saved = errno;

	if (rc > 0 && request != NS_MOUNT_ID)
		close((int)rc);
	if (fd >= 0)
		close(take_fd(&fd));
	errno = saved;
	return rc;
}

/* In a PID namespace below the own one, that a user may make: asks for its parent, which is the
 * own. The grandchild is in it and looks on while its own parent, outside of it, asks. */
static int ask_from_below(void)
{
	char path[32];
	int sync[2], status, answer;
	pid_t below;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0 || pipe(sync) < 0)
		return errno;
	below = fork();
	if (below == 0) {
		char c;

		close(sync[1]);
		_exit(read(sync[0], &c, 1) < 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", below);
	answer = ask(path, NS_PARENT, NULL) < 0 ? errno : 0;
	close(sync[1]);
	status = below < 0 ? -1 : wait_for(below);
	return status < 0 ? EAGAIN : answer;
}

int step_namespaces(struct session *s, long number)
{
	long parent = ask("/proc/self/ns/pid", NS_PARENT, NULL);
	int status;
	pid_t pid;

	(void)number;
	if (observe(s, "namespaces.parent", json_string(answer_name(parent))) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(ask_from_below());
	status = pid < 0 ? -1 : wait_for(pid);
	if (status < 0)
		return fault(s, "namespaces: fork: %s", strerror(errno));
	errno = status >> 8;
	return observe(s, "namespaces.own_from_below", json_string(answer_name(status ? -1 : 0)));
}

static long list_mounts(uint64_t ns)
{
	struct list_request r = {.size = sizeof(r), .mnt_id = LIST_FROM_ROOT, .mnt_ns_id = ns};
	uint64_t ids[4];

	return syscall(NR_LISTMOUNT, &r, ids, 4, 0);
}

int step_mount_namespaces(struct session *s, long number)
{
	json_t *moves = json_array(), *others = json_array();
	struct mount_ns_info info = {.size = sizeof(info)};
	uint64_t own = 0;
	long rc;

	(void)number;
	json_array_append_new(
	    moves, call_answer("NS_MNT_GET_NEXT", ask("/proc/self/ns/mnt", NS_MOUNT_NEXT, &info)));
	json_array_append_new(moves, call_answer("NS_MNT_GET_PREV", ask("/proc/self/ns/mnt",
	                                                                NS_MOUNT_PREVIOUS, &info)));
	rc = ask("/proc/self/ns/mnt", NS_MOUNT_ID, &own);
	if (rc >= 0)
		rc = list_mounts(own);
	if (observe(s, "mount_namespaces.steps", moves) < 0 ||
	    observe(s, "mount_namespaces.own", json_string(answer_name(rc))) < 0) {
		json_decref(others);
		return -1;
	}
	for (int64_t d = -AROUND; d <= AROUND; d++) {
		uint64_t id = own + (uint64_t)d;

		if (d == 0 || id == 0) /* 0: the own one */
			continue;
		rc = list_mounts(id);
		if (rc >= 0 || (errno != ENOENT && errno != EPERM))
			json_array_append_new(others,
			                      json_sprintf("%+d: %s", (int)d, answer_name(rc)));
	}
	return observe(s, "mount_namespaces.others", others);
}

int step_file_handles(struct session *s, long number)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + HANDLE_MAX];
	} handle = {.h.handle_bytes = HANDLE_MAX};
	cleanup_close int dir = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int mount_id, fd, exe;
	const char *answer;

	(void)number;
	if (name_to_handle_at(dir, "", &handle.h, &mount_id, AT_EMPTY_PATH) < 0)
		return fault(s, "file-handles: make a handle: %s", strerror(errno));
	fd = open_by_handle_at(dir, &handle.h, O_RDONLY | O_CLOEXEC);
	answer = answer_name(fd);
	if (fd >= 0)
		close(fd);
	if (observe(s, "file_handles.open", json_string(answer)) < 0)
		return -1;
	exe = open("/proc/1/exe", O_RDONLY | O_CLOEXEC);
	answer = answer_name(exe);
	if (exe >= 0)
		close(exe);
	return observe(s, "file_handles.init_exe", json_string(answer));
}
