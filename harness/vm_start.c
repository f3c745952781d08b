/* How QEMU is started: the machine that its arguments describe, and the descriptors that it finds.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"
#include "qmp.h"
#include "text.h"
#include "vm_ends.h"
#include "vm_fds.h"

struct words {
	char *w[96];
	int n;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (a->n == (int)(sizeof(a->w) / sizeof(*a->w)) - 1)
		abort();
	a->w[a->n++] = text_vformat(fmt, ap);
	va_end(ap);
}

static void free_words(struct words *a)
{
	while (a->n > 0)
		free(a->w[--a->n]);
}

/* What a template and its clones have in common.
 *
 * -cpu qemu64 has no RDRAND, -rtc clock=vm and -seed take the host's time and randomness away:
 * with -icount the guest is then a function of its image and its job. tsc=reliable keeps the guest
 * from re-judging its clock after a change of speed. tb-size: what a warm machine has translated,
 * 45 MB with sshd, and what a case adds have to have room, or QEMU throws all of it away. */
static void machine_arguments(struct words *a, enum accel accel, unsigned memory_mb)
{
	add(a, QEMU_PROGRAM);
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-no-reboot");
	add(a, "-display");
	add(a, "none");
	add(a, "-vga");
	add(a, "none");
	add(a, "-cpu");
	add(a, "qemu64");
	add(a, "-M");
	add(a, "pc,memory-backend=ram,usb=off,vmport=off,hpet=off");
	add(a, "-m");
	add(a, "%u", memory_mb);
	add(a, "-accel");
	add(a, accel == ACCEL_KVM ? "kvm" : "tcg,tb-size=256");
	if (accel == ACCEL_TCG) {
		add(a, "-rtc");
		add(a, "base=2024-01-01,clock=vm");
	}
	add(a, "-seed");
	add(a, "1");
	add(a, "-chardev");
	add(a, "socket,id=events,fd=%d", FD_EVENTS);
	add(a, "-device");
	add(a, "isa-debugcon,iobase=0xe9,chardev=events");
	/* norandmaps: where a program lies decides how many page faults it takes. Two templates
	 * differ in what their kernels drew, and so would the cost of a login, by a hundredth.
	 * What emulation makes dear and no session module can see is left out: memory that is
	 * cleared on allocation, a new offset of the kernel's stack in each system call (rdtsc
	 * ends a translated block), checks and accounts of the kernel's own objects, and `rep
	 * movs`, which is emulated step by step (112: X86_FEATURE_REP_GOOD, asm/cpufeatures.h). */
	add(a, "-append");
	add(a, "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=off "
	       "init_on_alloc=0 randomize_kstack_offset=off hardened_usercopy=off "
	       "cgroup.memory=nokmem clearcpuid=112 norandmaps 8250.nr_uarts=3 "
	       "rdinit=/usr/lib/pamlab/agent");
}

/* The guest's clock is what counts its instructions, and nothing else. */
static bool counts_only(const struct vm_spec *s)
{
	return s->accel == ACCEL_TCG && !s->terminals;
}

static void instance_arguments(struct words *a, const struct vm_spec *s)
{
	add(a, "-sandbox");
	add(a, "on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny,spawn=%s",
	    s->copies ? "allow" : "deny");
	/* preload.so knows QEMU's threads by their names. */
	if (counts_only(s)) {
		add(a, "-name");
		add(a, "pamlab,debug-threads=on");
	}
	add(a, "-kernel");
	add(a, "%s", s->kernel);
	add(a, "-initrd");
	add(a, "%s", s->initrd);
	add(a, "-object");
	add(a, "memory-backend-file,id=ram,size=%uM,mem-path=%s,share=%s", s->memory_mb, s->ram,
	    s->ram_mode == VM_RAM_OWN ? "on" : "off");
	if (s->accel == ACCEL_TCG) {
		add(a, "-icount");
		add(a, "shift=%d,sleep=%s", s->shift, counts_only(s) ? "off" : "on");
	}
	add(a, "-chardev");
	add(a, "socket,id=qmp,fd=%d", FD_QMP);
	add(a, "-mon");
	add(a, "chardev=qmp,mode=control");
	/* QEMU writes to a file without ever waiting; RLIMIT_FSIZE bounds it. */
	add(a, "-serial");
	if (s->copies)
		add(a, "file:/proc/self/fd/%d", FD_CONSOLE);
	else if (s->console)
		add(a, "file:%s", s->console);
	else
		add(a, "null");
	for (int i = 0; i < 2; i++) {
		if (s->terminals) {
			add(a, "-chardev");
			add(a, "socket,id=term%d,fd=%d", i, FD_TERM0 + i);
			add(a, "-serial");
			add(a, "chardev:term%d", i);
		} else {
			add(a, "-serial");
			add(a, "null");
		}
	}
	add(a, "-fw_cfg");
	add(a, "name=opt/pamlab/job,file=/proc/self/fd/%d", FD_JOB);
	if (s->module || s->copies) {
		add(a, "-fw_cfg");
		add(a, "name=opt/pamlab/module,file=/proc/self/fd/%d", FD_MODULE);
	}
	if (s->state) {
		add(a, "-incoming");
		add(a, "defer");
	}
	if (s->paused)
		add(a, "-S");
}

/* In the child: put the descriptors where QEMU expects them, give up everything else, become QEMU.
 * Only async-signal-safe calls. */
static void become_qemu(char **argv, char **env, const int *fds, pid_t parent)
{
	struct rlimit console = {VM_CONSOLE_MAX, VM_CONSOLE_MAX};
	int high[FD_END];
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setsid(); /* the terminal's ^C is for pamlab, which then ends its VMs in order */
	for (int i = FD_ERRORS; i < FD_END; i++)
		high[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD, FD_END + 32);
	for (int i = FD_ERRORS; i < FD_END; i++) {
		close(i);
		if (high[i] >= 0)
			dup2(high[i], i);
	}
	close_range(FD_END, ~0U, 0);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	setrlimit(RLIMIT_FSIZE, &console);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvpe(argv[0], argv, env);
	_exit(errno == ENOENT ? 126 : 127);
}

/* What a machine that can be copied needs besides: where copies are asked for, and a console that
 * they can tell from other files. */
static int open_copies(struct vm *vm, int *fds, struct err **e)
{
	fds[FD_CONSOLE] = vm_memory_file("console", e);
	return fds[FD_CONSOLE] < 0 ? -1
	                           : vm_pair(SOCK_SEQPACKET, &vm->copies_fd, &fds[FD_COPIES], e);
}

static int open_descriptors(const struct vm_spec *s, struct vm *vm, int *fds, struct err **e)
{
	struct vm_ends ends;
	int status = vm_ends_open(s, vm, &ends, e);

	fds[FD_ERRORS] = ends.errors;
	fds[FD_QMP] = ends.qmp;
	fds[FD_EVENTS] = ends.events;
	fds[FD_JOB] = ends.job;
	fds[FD_MODULE] = ends.module;
	if (status < 0)
		return -1;
	for (int i = 0; s->terminals && i < 2; i++)
		if (vm_pair(SOCK_STREAM, &vm->term_fd[i], &fds[FD_TERM0 + i], e) < 0)
			return -1;
	if (s->copies && open_copies(vm, fds, e) < 0)
		return -1;
	if (s->state) {
		fds[FD_STATE] = open(s->state, O_RDONLY | O_CLOEXEC);
		if (fds[FD_STATE] < 0)
			return err_set(e, errno, "open %s", s->state);
	}
	if (counts_only(s)) {
		cleanup_free char *library = path_home("build/preload.so");

		fds[FD_PRELOAD] = open(library, O_RDONLY | O_CLOEXEC);
		if (fds[FD_PRELOAD] < 0)
			return err_set(e, errno, "open %s (make all builds it)", library);
	}
	return 0;
}

#define COPIES "PAMLAB_COPIES=" /* known to preload/copies.c */

/* Our environment, and QEMU loads preload.so: by its descriptor, since LD_PRELOAD takes a space or
 * a colon in a path for the end of it (ld.so(8)). The array and its first string are the caller's.
 */
static char **environment_with_preload(bool copies)
{
	const char *ours = getenv("LD_PRELOAD");
	size_t n = 0;
	char **env;

	while (environ[n])
		n++;
	env = calloc(n + 3, sizeof(*env));
	if (!env)
		abort();
	n = 0;
	env[n++] = text_format("LD_PRELOAD=/proc/self/fd/%d%s%s", FD_PRELOAD, ours ? ":" : "",
	                       ours ? ours : "");
	for (char **v = environ; *v; v++)
		if (strncmp(*v, "LD_PRELOAD=", 11) != 0 && strncmp(*v, COPIES, strlen(COPIES)) != 0)
			env[n++] = *v;
	if (copies)
		env[n] = COPIES "1";
	return env;
}

/* memory-backend-file makes the file as large as the machine's memory only if it may write it, and
 * RLIMIT_FSIZE forbids QEMU to do so. */
static int size_ram(const struct vm_spec *s, struct err **e)
{
	cleanup_close int fd = -1;

	if (s->ram_mode != VM_RAM_OWN)
		return 0;
	fd = open(s->ram, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)s->memory_mb << 20) < 0)
		return err_set(e, errno, "create the guest's memory %s", s->ram);
	return 0;
}

/* The commands that make an empty QEMU the clone, sent at once: it works them off in turn, and a
 * round trip for each would cost more than they do. Their answers are read by ready_qmp. */
static int send_incoming(const struct vm *vm, struct err **e)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
	                 "{\"execute\":\"qmp_capabilities\"}" QMP_IGNORE_SHARED
	                 "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:%d\"}}",
	                 FD_STATE);

	if (send(vm->qmp_fd, text, n, MSG_NOSIGNAL) != n)
		return err_set(e, errno, "write to QEMU's control socket");
	return 0;
}

int vm_start(const struct vm_spec *spec, struct vm *vm, struct err **e)
{
	struct words args = {.n = 0};
	char **env = NULL;
	int fds[FD_END], status = -1;
	pid_t parent = getpid();

	*vm = VM_NONE;
	if (spec->of)
		return vm_copy(spec, vm, e);
	for (int i = 0; i < FD_END; i++)
		fds[i] = -1;
	if (size_ram(spec, e) < 0)
		return -1;
	if (open_descriptors(spec, vm, fds, e) < 0)
		goto out;
	machine_arguments(&args, spec->accel, spec->memory_mb);
	instance_arguments(&args, spec);
	args.w[args.n] = NULL;
	if (counts_only(spec))
		env = environment_with_preload(spec->copies);
	vm->started_ns = host_now();
	vm->pid = fork();
	if (vm->pid == 0)
		become_qemu(args.w, env ? env : environ, fds, parent);
	if (vm->pid < 0) {
		err_set(e, errno, "fork QEMU");
		goto out;
	}
	vm->pidfd = syscall(SYS_pidfd_open, vm->pid, 0);
	vm->incoming = spec->state != NULL;
	status = vm->incoming ? send_incoming(vm, e) : 0;
out:
	free_words(&args);
	if (env)
		free(env[0]);
	free(env);
	for (int i = FD_ERRORS; i < FD_END; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (status < 0)
		vm_kill(vm, NULL);
	return status;
}

char *vm_identity(enum accel accel, unsigned memory_mb, struct err **e)
{
	cleanup_free char *version = NULL;
	struct words args = {.n = 0};
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (qemu_find(NULL, &version, e) < 0)
		return NULL;
	machine_arguments(&args, accel, memory_mb);
	out = open_memstream(&text, &len);
	if (!out)
		abort();
	fprintf(out, "%s\n", version);
	for (int i = 0; i < args.n; i++)
		fprintf(out, "%s\n", args.w[i]);
	fclose(out);
	free_words(&args);
	return text;
}
