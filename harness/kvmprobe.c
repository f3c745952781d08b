/* Whether a guest runs under /dev/kvm. That the device is there, opens and makes a VM says little:
 * on nested hosts it may interpret the guest's kernel mode instruction by instruction, a thousand
 * times slower than emulation, or stop at the first register that it does not know. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accel.h"
#include "capture.h"
#include "cleanup.h"
#include "paths.h"
#include "printable.h"
#include "text.h"

#define DEVICE   "/dev/kvm"
#define LIMIT_MS 10000
#define FIRMWARE 'F' /* the guest's first instruction ran: the firmware did its part */
#define COUNTED  'K' /* long mode and 67 million rounds of a loop: 0.02 s on hardware */
#define EXITED   (COUNTED << 1 | 1) /* QEMU's exit status for it, by isa-debug-exit */

/* The guest: a Multiboot kernel (Multiboot Specification 0.6.96, 3.1, with the address fields, so
 * that it needs no ELF headers), loaded at 1 MiB and entered in 32-bit protected mode, zeroed
 * memory elsewhere. */
static const unsigned char guest[] = {
    0x02, 0xb0,     0xad, 0x1b,                      /* magic */
    0x00, 0x00,     0x01, 0x00,                      /* flags: address fields */
    0xfe, 0x4f,     0x51, 0xe4,                      /* checksum */
    0x00, 0x00,     0x10, 0x00,                      /* header_addr: 0x100000 */
    0x00, 0x00,     0x10, 0x00,                      /* load_addr */
    0x00, 0x00,     0x00, 0x00,                      /* load_end_addr: whole file */
    0x00, 0x00,     0x00, 0x00,                      /* bss_end_addr: none */
    0x20, 0x00,     0x10, 0x00,                      /* entry_addr: 0x100020 */
    0xb0, FIRMWARE,                                  /* mov al, 'F' */
    0xe6, 0xe9,                                      /* out 0xe9, al */
    0xc7, 0x05,     0x00, 0x00, 0x20, 0x00,          /* mov dword [0x200000], ... */
    0x03, 0x10,     0x20, 0x00,                      /*   PML4: 0x201000, present, writable */
    0xc7, 0x05,     0x00, 0x10, 0x20, 0x00,          /* mov dword [0x201000], ... */
    0x03, 0x20,     0x20, 0x00,                      /*   PDPT: 0x202000, present, writable */
    0xc7, 0x05,     0x00, 0x20, 0x20, 0x00,          /* mov dword [0x202000], ... */
    0x83, 0x00,     0x00, 0x00,                      /*   PD: 2 MiB page at 0 */
    0xb8, 0x00,     0x00, 0x20, 0x00,                /* mov eax, 0x200000 */
    0x0f, 0x22,     0xd8,                            /* mov cr3, eax */
    0x0f, 0x20,     0xe0,                            /* mov eax, cr4 */
    0x83, 0xc8,     0x20,                            /* or eax, PAE */
    0x0f, 0x22,     0xe0,                            /* mov cr4, eax */
    0xb9, 0x80,     0x00, 0x00, 0xc0,                /* mov ecx, EFER */
    0x0f, 0x32,                                      /* rdmsr */
    0x80, 0xcc,     0x01,                            /* or ah, LME */
    0x0f, 0x30,                                      /* wrmsr */
    0x0f, 0x20,     0xc0,                            /* mov eax, cr0 */
    0x0f, 0xba,     0xe8, 0x1f,                      /* bts eax, PG */
    0x0f, 0x22,     0xc0,                            /* mov cr0, eax */
    0x0f, 0x01,     0x15, 0xa0, 0x00, 0x10, 0x00,    /* lgdt [0x1000a0] */
    0xea, 0x77,     0x00, 0x10, 0x00, 0x08, 0x00,    /* jmp 8:0x100077; 64-bit from here */
    0xb9, 0x00,     0x00, 0x00, 0x04,                /* mov ecx, 0x4000000 */
    0xff, 0xc9,                                      /* again: dec ecx */
    0x75, 0xfc,                                      /* jnz again */
    0xb0, COUNTED,                                   /* mov al, 'K' */
    0xe6, 0xe9,                                      /* out 0xe9, al */
    0xe6, 0xf4,                                      /* out 0xf4, al: QEMU exits */
    0xf4,                                            /* hlt */
    0xeb, 0xfd,                                      /* jmp to it */
    0x90, 0x90,     0x90, 0x90, 0x90, 0x90, 0x90,    /* to a multiple of 8 */
    0x00, 0x00,     0x00, 0x00, 0x00, 0x00, 0x00, 0, /* GDT at 0x100090: the null descriptor */
    0xff, 0xff,     0x00, 0x00, 0x00, 0x9a, 0xaf, 0, /*   8: 64-bit code */
    0x0f, 0x00,     0x90, 0x00, 0x10, 0x00,          /* its limit and address at 0x1000a0 */
};

/* A descriptor with the guest's bytes, which QEMU inherits: no file is left behind, ever. */
static int make_kernel(struct err **e)
{
	int fd = memfd_create("pamlab-kvm-probe", 0);

	if (fd < 0 || write(fd, guest, sizeof(guest)) != (ssize_t)sizeof(guest)) {
		err_set(e, errno, "kvm probe: memfd");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* The last line that QEMU said, without its own name. */
static char *last_words(const char *said)
{
	size_t end = strlen(said), start;
	const char *colon;

	while (end && (said[end - 1] == '\n' || said[end - 1] == '\r'))
		end--;
	for (start = end; start && said[start - 1] != '\n'; start--)
		;
	colon = memmem(said + start, end - start, "x86_64: ", 8);
	if (colon)
		start = (size_t)(colon - said) + 8;
	return printable(said + start, end - start, NULL);
}

static char *describe(const struct captured *c, enum kvm_state *state)
{
	cleanup_free char *words = last_words(c->err);
	double s = (double)c->wall_ms / 1000;

	*state = KVM_UNUSABLE;
	if (WIFEXITED(c->status) && WEXITSTATUS(c->status) == EXITED && strchr(c->out, COUNTED)) {
		*state = KVM_WORKS;
		return text_format("a guest runs under " DEVICE " (%.1f s for the probe)", s);
	}
	if (c->timed_out && strchr(c->out, FIRMWARE))
		return text_format(DEVICE
		                   " starts a guest and then runs it far too slowly: not done "
		                   "after %.0f s with what takes emulation less than 1 s",
		                   s);
	if (c->timed_out)
		return text_format(DEVICE " cannot run a guest: stuck in its firmware for %.0f s",
		                   s);
	if (WIFSIGNALED(c->status))
		return text_format(DEVICE " cannot run a guest: QEMU died by signal %d%s%s",
		                   WTERMSIG(c->status), *words ? ": " : "", words);
	return text_format(DEVICE " cannot run a guest: %s",
	                   *words ? words : "it ended without a word");
}

static int boot_guest(const char *qemu, struct kvm_answer *answer, struct err **e)
{
	cleanup_close int kernel = make_kernel(e);
	cleanup_captured struct captured said = {0};
	char path[64];
	/* clang-format off */
	char *argv[] = {
		(char *)qemu, "-accel", "kvm", "-cpu", "qemu64", "-M", "pc", "-m", "16",
		"-nodefaults", "-no-user-config", "-display", "none", "-vga", "none",
		"-sandbox", "on,spawn=deny", "-no-reboot", "-kernel", path,
		"-chardev", "stdio,id=out,signal=off",
		"-device", "isa-debugcon,chardev=out,iobase=0xe9",
		"-device", "isa-debug-exit,iobase=0xf4,iosize=1", NULL,
	};
	/* clang-format on */

	if (kernel < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", kernel);
	if (capture(argv, LIMIT_MS, &said, e) < 0)
		return err_wrap(e, "kvm probe");
	answer->text = describe(&said, &answer->state);
	return 0;
}

/* What an answer depends on; the caller frees. */
static char *answer_key(const char *version, const struct stat *device)
{
	cleanup_free char *boot = read_file("/proc/sys/kernel/random/boot_id", NULL, NULL);

	if (boot)
		boot[strcspn(boot, "\n")] = '\0';
	return text_format("1 %s %s %lx %lu %lld", boot ? boot : "?", version,
	                   (unsigned long)device->st_rdev, (unsigned long)device->st_ino,
	                   (long long)device->st_ctim.tv_sec);
}

static bool recall(const char *key, struct kvm_answer *answer)
{
	cleanup_free char *path = path_cache("accel.json");
	cleanup_json json_t *kept = json_load_file(path, 0, NULL);
	const char *its_key, *text;
	int works;

	if (!kept || json_unpack(kept, "{s:s, s:b, s:s}", "key", &its_key, "works", &works, "text",
	                         &text) < 0)
		return false;
	if (strcmp(its_key, key) != 0)
		return false;
	answer->state = works ? KVM_WORKS : KVM_UNUSABLE;
	answer->text = strdup(text);
	return true;
}

/* An answer that cannot be kept is found again the next time: no error. */
static void remember(const char *key, const struct kvm_answer *answer)
{
	cleanup_free char *dir = path_cache(".");
	cleanup_free char *path = path_cache("accel.json");
	cleanup_json json_t *kept = json_pack("{s:s, s:b, s:s}", "key", key, "works",
	                                      answer->state == KVM_WORKS, "text", answer->text);
	cleanup_free char *dump = kept ? json_dumps(kept, JSON_INDENT(2)) : NULL;

	if (dump && make_dirs(dir, NULL) == 0)
		(void)write_file(path, dump, strlen(dump), NULL);
}

int kvm_probe(bool again, struct kvm_answer *answer, struct err **e)
{
	cleanup_free char *qemu = NULL, *version = NULL, *key = NULL;
	cleanup_close int fd = -1;
	struct stat st;

	if (qemu_find(&qemu, &version, e) < 0)
		return -1;
	*answer = (struct kvm_answer){0};
	if (stat(DEVICE, &st) < 0) {
		*answer = (struct kvm_answer){KVM_ABSENT, strdup("there is no " DEVICE)};
		return 0;
	}
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		answer->state = KVM_FORBIDDEN;
		answer->text =
		    text_format(DEVICE " cannot be opened (%s)%s", strerror(errno),
		                errno == EACCES ? ": join the group kvm, adduser USER kvm" : "");
		return 0;
	}
	key = answer_key(version, &st);
	if (!again && recall(key, answer))
		return 0;
	if (boot_guest(qemu, answer, e) < 0)
		return -1;
	remember(key, answer);
	return 0;
}
