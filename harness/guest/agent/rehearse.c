/* The session of nobody. In each copy of a warm machine the emulator has to translate what runs
 * there for the first time; for a login into new namespaces that was a third of the case. */
#include "rehearse.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/procfs.h"
#include "run.h"

enum { NOBODY = 65534, WAIT_MS = 5000, NAP_NS = 1000000 };

static void list_all(const char *path)
{
	DIR *dir = opendir(path);

	while (dir && readdir(dir))
		;
	if (dir)
		closedir(dir);
}

static void mount_all(void)
{
	int tree;

	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	umount2("/proc", MNT_DETACH | UMOUNT_NOFOLLOW);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible");
	mount(NULL, "/proc", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=off");
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/dev",
	                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	syscall(SYS_move_mount, tree, "", AT_FDCWD, "/mnt", MOVE_MOUNT_F_EMPTY_PATH);
	close(tree);
	mount("/etc", "/mnt", NULL, MS_BIND | MS_REC, NULL);
	mount(NULL, "/mnt", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
	mount("devpts", "/mnt", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666");
	mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k");
	close(open("/mnt/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	unlink("/mnt/file");
	umount2("/mnt", MNT_DETACH);
}

static void look_around(void)
{
	static const char *const files[] = {"/proc/self/mountinfo", "/proc/self/status",
	                                    "/proc/self/cmdline",   "/proc/self/maps",
	                                    "/proc/self/environ",   "/proc/1/status"};
	static const char *const lists[] = {"/proc", "/proc/self/fd", "/proc/self/ns"};
	char link[256];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		free(procfs_file_at(AT_FDCWD, files[i], NULL));
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		list_all(lists[i]);
	if (readlink("/proc/self", link, sizeof(link)) < 0 ||
	    readlink("/proc/self/ns/pid", link, sizeof(link)) < 0 ||
	    readlink("/proc/self/ns/mnt", link, sizeof(link)) < 0 ||
	    readlink("/proc/self/fd/0", link, sizeof(link)) < 0)
		return;
}

/* The user's program. */
static _Noreturn void work(void)
{
	setsid();
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		_exit(1);
	look_around();
	kill(1, 0);
	_exit(0);
}

/* The namespace's first process: it reaps, and what is left ends with it. */
static _Noreturn void be_first(int application)
{
	struct pollfd child;
	sigset_t set;
	char word = 'r';

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "rehearsal", 0, 0, 0);
	prctl(PR_SET_MM, PR_SET_MM_ARG_START, 0UL, 0, 0); /* no such address: refused */
	mount_all();
	look_around();
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	child = (struct pollfd){signalfd(-1, &set, SFD_CLOEXEC), POLLIN, 0};
	if (write(application, &word, 1) < 0)
		_exit(1);
	if (fork() == 0)
		work();
	if (fork() == 0) {
		pause();
		_exit(0);
	}
	poll(&child, 1, WAIT_MS);
	waitpid(-1, NULL, WNOHANG | __WALL);
	_exit(0);
}

/* What returns to the namespaces it came from, as a module does that closes the session. */
static _Noreturn void be_application(int type)
{
	int mnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int pidns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct pollfd first = {-1, POLLIN, 0};
	siginfo_t info;
	char word = 0;
	int sync[2];
	pid_t pid;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, sync) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    unshare(CLONE_NEWPID) < 0)
		_exit(1);
	pid = (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL); /* ends without a signal */
	if (pid == 0) {
		close(sync[0]);
		be_first(sync[1]);
	}
	close(sync[1]);
	first.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (read(sync[0], &word, 1) == 1)
		poll(&first, 1, WAIT_MS);
	syscall(SYS_pidfd_send_signal, first.fd, SIGKILL, NULL, 0);
	waitid(P_PID, pid, &info, WEXITED | __WALL);
	setns(mnt, CLONE_NEWNS);
	if (fchdir(root) < 0 || chroot(".") < 0)
		_exit(1);
	setns(pidns, CLONE_NEWPID);
	close_range(sync[0], ~0U, 0);
	_exit(0);
}

void rehearse_session(void)
{
	static const int types[] = {SOCK_SEQPACKET, SOCK_STREAM, SOCK_DGRAM};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			become_ordinary();
			be_application(types[i]);
		}
		if (pid > 0)
			wait_for(pid);
	}
	pause_ns(NAP_NS);
}
