#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/case_files.h"
#include "prepare.h"
#include "report.h"
#include "run.h"

int truth_proc_fd = -1;

struct mount_point {
	const char *type, *path;
	unsigned long flags;
	const char *options;
	mode_t mode;
};

#define NODEV_ (MS_NOSUID | MS_NODEV)

static const struct mount_point mounts[] = {
    {"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, 0555},
    {"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, 0555},
    {"devtmpfs", "/dev", MS_NOSUID, "mode=755", 0755},
    {"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666", 0755},
    {"tmpfs", "/dev/shm", NODEV_, "mode=1777,size=16m", 01777},
    {"mqueue", "/dev/mqueue", NODEV_ | MS_NOEXEC, NULL, 01777},
    {"tmpfs", "/run", NODEV_, "mode=755,size=32m", 0755},
    {"tmpfs", "/tmp", NODEV_, "mode=1777,size=64m", 01777},
    {"cgroup2", "/sys/fs/cgroup", NODEV_ | MS_NOEXEC, NULL, 0755},
};

/* The kernel's rootfs cannot be moved or pivoted away from, and is no mount point. A system has its
 * root on a mount of its own: bind the tree over itself and make that the root. */
static void enter_own_root(void)
{
	if (mount("/", "/mnt", NULL, MS_BIND, NULL) < 0 || chdir("/mnt") < 0 ||
	    mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		report_fault("put / on a mount of its own: %s", strerror(errno));
}

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		const struct mount_point *m = &mounts[i];

		mkdir(m->path, m->mode);
		if (mount(m->type, m->path, m->type, m->flags, m->options) < 0)
			report_fault("mount %s: %s", m->path, strerror(errno));
	}
}

static void open_truth(void)
{
	int fs = syscall(SYS_fsopen, "proc", 1 /* FSOPEN_CLOEXEC */);

	if (fs >= 0 && syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) == 0)
		truth_proc_fd = syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (truth_proc_fd < 0)
		report_fault("mount a procfs for the ground truth: %s", strerror(errno));
	if (fs >= 0)
		close(fs);
}

static void raise_loopback(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		report_fault("raise the loopback interface: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Keys made here are the same in every clone. That is wanted; no network leaves the guest. RSA of
 * 1024 bits, the least that sshd takes: OpenSSH's own ed25519 is plain C and takes ten times the
 * instructions, ECDSA twice. */
static void make_keys(void)
{
	if (access("/usr/bin/ssh-keygen", X_OK) < 0)
		return;
	if (run_quietly("rm -f /etc/ssh/ssh_host_* && "
	                "ssh-keygen -q -t rsa -b 1024 -N '' -f /etc/ssh/ssh_host_rsa_key && "
	                "mkdir -p -m 700 /root/.ssh && rm -f /root/.ssh/id_rsa* && "
	                "ssh-keygen -q -t rsa -b 1024 -N '' -f /root/.ssh/id_rsa && "
	                "cp /root/.ssh/id_rsa.pub /root/.ssh/authorized_keys && "
	                "mkdir -p -m 700 /home/alice/.ssh && "
	                "cp /root/.ssh/id_rsa.pub /home/alice/.ssh/authorized_keys && "
	                "chown -R 1000:1000 /home/alice/.ssh") != 0)
		report_fault("make the ssh keys: see the guest's console");
}

static void make_stacks_of_caller(void)
{
	static const char other[] = "auth required pam_deny.so\n"
	                            "account required pam_deny.so\n"
	                            "password required pam_deny.so\n"
	                            "session required pam_deny.so\n";

	mkdir(CALLER_STACKS, 0755);
	symlink("/etc/pam.d/pamlab-caller", CALLER_STACKS "/pamlab-caller");
	write_whole(CALLER_STACKS "/other", other, sizeof(other) - 1, 0644);
}

void boot_guest(void)
{
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	umask(022);
	enter_own_root();
	mount_all();
	open_truth();
	raise_loopback();
	sethostname("pamlab", 6);
	mkdir("/run/pamlab", 0755);
	make_stacks_of_caller();
	mkdir("/run/sshd", 0755);
	mkdir("/run/lock", 01777);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	close(open("/run/utmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0664));
	make_keys();
}
