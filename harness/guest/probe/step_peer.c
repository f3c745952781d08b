/* The way out by a socket: since Linux 6.5 its peer can be had as a pidfd, which asks no PID
 * namespace (net/core/sock.c), and whoever may trace a process can take its descriptors by a pidfd
 * (kernel/pid.c). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/beside.h"
#include "probe/probe.h"

/* Newer than the headers of Debian 12: asm-generic/socket.h, linux/pidfd.h. */
#define PEER_PIDFD   77
#define PIDFD_IO(nr) _IO(0xff, nr)
#define PIDFD_INFO   _IOWR(0xff, 11, char[64])
#define MOST_HANDLES 256

static int connect_to_bystander(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0" BYSTANDER_SOCKET};
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + sizeof(BYSTANDER_SOCKET);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, len) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static long wait_for_exit(int pidfd)
{
	siginfo_t si;

	return waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED | WNOHANG);
}

/* Asks for something that does no harm: read-ahead of the first page of this program. */
static long advise(int pidfd)
{
	static const char page[8];
	struct iovec v = {(void *)(size_t)page, sizeof(page)};

	return syscall(SYS_process_madvise, pidfd, &v, 1, MADV_WILLNEED, 0);
}

static json_t *try_calls_on(int pidfd)
{
	char info[64] = "";
	json_t *list = json_array();

	json_array_append_new(list, call_answer("pidfd_send_signal",
	                                        syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0)));
	json_array_append_new(list, call_answer("PIDFD_GET_INFO", ioctl(pidfd, PIDFD_INFO, info)));
	json_array_append_new(list, call_answer("waitid", wait_for_exit(pidfd)));
	json_array_append_new(list, call_answer("setns", setns(pidfd, CLONE_NEWPID)));
	json_array_append_new(list, call_answer("process_madvise", advise(pidfd)));
	json_array_append_new(
	    list, call_answer("process_mrelease", syscall(SYS_process_mrelease, pidfd, 0)));
	return list;
}

static json_t *try_namespaces_of(int pidfd)
{
	static const struct {
		const char *name;
		int nr;
	} kinds[] = {{"cgroup", 1}, {"ipc", 2},  {"mnt", 3},  {"net", 4},
	             {"pid", 5},    {"time", 7}, {"user", 9}, {"uts", 10}};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = ioctl(pidfd, PIDFD_IO(kinds[i].nr), 0);

		json_array_append_new(list, call_answer(kinds[i].name, fd));
		if (fd >= 0)
			close(fd);
	}
	return list;
}

static int count_stolen(int pidfd)
{
	int stolen = 0;

	for (int k = 0; k < MOST_HANDLES; k++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, k, 0);

		if (fd < 0)
			continue;
		stolen++;
		close(fd);
	}
	return stolen;
}

static json_t *shown_pid(int pidfd)
{
	cleanup_close int proc = open("/proc", O_PATH | O_CLOEXEC);
	cleanup_free char *text = NULL;
	char path[40];
	const char *at;

	snprintf(path, sizeof(path), "self/fdinfo/%d", pidfd);
	text = procfs_file_at(proc, path, NULL);
	at = text ? strstr(text, "\nPid:") : NULL;
	return at ? json_integer(atoi(at + strlen("\nPid:"))) : json_null();
}

int step_peer(struct session *s, long number)
{
	cleanup_close int sock = connect_to_bystander(), pidfd = -1;
	socklen_t len = sizeof(pidfd);
	int rc;

	(void)number;
	if (sock < 0)
		return fault(s, "peer: connect: %s", strerror(errno));
	rc = getsockopt(sock, SOL_SOCKET, PEER_PIDFD, &pidfd, &len);
	if (rc < 0)
		pidfd = -1;
	if (observe(s, "peer.pidfd", json_string(answer_name(rc))) < 0)
		return -1;
	if (rc < 0)
		return 0;
	if (observe(s, "peer.calls", try_calls_on(pidfd)) < 0 ||
	    observe(s, "peer.shown", shown_pid(pidfd)) < 0 ||
	    observe(s, "peer.stolen", json_integer(count_stolen(pidfd))) < 0)
		return -1;
	return observe(s, "peer.namespaces", try_namespaces_of(pidfd));
}
