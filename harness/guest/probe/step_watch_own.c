/* Seccomp, ptrace and BPF tell pids: those of the session's own children have to be the session's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"

/* In the child: has the kernel ask its listener about each getppid(). Returns the listener. */
static int install_filter(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	                    &program);
}

static int send_fd(int over, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec data = {"x", 1};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};

	m.msg_control = control.bytes;
	m.msg_controllen = sizeof(control.bytes);
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(over, &m, 0) < 0 ? -1 : 0;
}

static int receive_fd(int over)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	int fd = -1;

	m.msg_control = control.bytes;
	m.msg_controllen = sizeof(control.bytes);
	if (recvmsg(over, &m, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* The pid that the listener is told, answered so that the child goes on; 0 if there is none. */
static pid_t notified_pid(int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	struct seccomp_notif n = {0};
	struct seccomp_notif_resp r = {0};

	if (poll(&p, 1, 1000) != 1 || ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return 0;
	r.id = n.id;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	return (pid_t)n.pid;
}

static bool seccomp_right(void)
{
	cleanup_close int listener = -1;
	pid_t pid, told;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		int fd = install_filter();

		if (fd < 0 || send_fd(pair[1], fd) < 0)
			_exit(1);
		close(fd);
		syscall(SYS_getppid);
		_exit(0);
	}
	close(pair[1]);
	listener = receive_fd(pair[0]);
	close(pair[0]);
	told = listener < 0 ? 0 : notified_pid(listener);
	if (pid > 0) {
		kill(pid, SIGKILL);
		wait_for(pid);
	}
	return pid > 0 && told == pid;
}

/* The child forks and exits with whether the pid that it got is the one in shared memory's place:
 * it is passed by a pipe. */
static bool ptrace_right(void)
{
	unsigned long message = 0;
	int fds[2], status;
	pid_t pid, child = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		pid_t own;

		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		own = fork();
		if (own == 0)
			_exit(0);
		_exit(write(fds[1], &own, sizeof(own)) < 0);
	}
	close(fds[1]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) &&
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL) == 0 &&
	    ptrace(PTRACE_CONT, pid, NULL, NULL) == 0 && waitpid(pid, &status, 0) == pid &&
	    status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8) &&
	    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0) {
		/* The grandchild is traced too. */
		waitpid((pid_t)message, &status, __WALL);
		ptrace(PTRACE_DETACH, (pid_t)message, NULL, NULL);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
		if (read(fds[0], &child, sizeof(child)) != sizeof(child))
			child = 0;
	}
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		wait_for(pid);
	}
	return child > 0 && (unsigned long)child == message;
}

/* "return 0", as a program for tracing. */
static const char *load_bpf(void)
{
	struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
	                          {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr a = {0};
	cleanup_close int fd = -1;

	a.prog_type = BPF_PROG_TYPE_KPROBE;
	a.insns = (uintptr_t)code;
	a.insn_cnt = 2;
	a.license = (uintptr_t) "GPL";
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof(a));
	return fd < 0 ? errno_name(errno) : "ok";
}

int step_watch_own(struct session *s, long number)
{
	(void)number;
	return observe(s, "watch_own.seccomp", json_boolean(seccomp_right())) |
	       observe(s, "watch_own.ptrace", json_boolean(ptrace_right())) |
	       observe(s, "watch_own.bpf", json_string(load_bpf()));
}
