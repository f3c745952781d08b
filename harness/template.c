#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "guest.h"
#include "hash.h"
#include "initramfs.h"
#include "overlay.h"
#include "paths.h"
#include "text.h"

/* Part of every key: raise it when what a template holds changes without its inputs changing. */
#define TEMPLATE_FORMAT "1"
#define SAMPLES         64
#define BOOT_WALL_S     240
#define STAGE_WALL_S    180

static void fill_paths(struct template *t)
{
	free(t->ram);
	free(t->state);
	free(t->kernel_stub);
	t->ram = text_format("%s/ram", t->entry.dir);
	t->state = text_format("%s/state", t->entry.dir);
	t->kernel_stub = text_format("%s/kernel", t->entry.dir);
}

/* A sum over the state, the size of RAM, and pages spread over it: catches a file that was cut, is
 * another's, or was written to, for a few milliseconds. */
static int sum_files(const struct template *t, char hex[HASH_HEX], struct err **e)
{
	cleanup_close int fd = open(t->ram, O_RDONLY | O_CLOEXEC);
	char page[4096];
	struct stat st;
	SHA2_CTX ctx;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "open %s", t->ram);
	SHA256Init(&ctx);
	if (hash_add_file(&ctx, t->state, e) < 0 || hash_add_file(&ctx, t->kernel_stub, e) < 0)
		return -1;
	hash_add(&ctx, &st.st_size, sizeof(st.st_size));
	for (int i = 0; i < SAMPLES; i++) {
		off_t at = st.st_size / SAMPLES * i / sizeof(page) * sizeof(page);
		ssize_t n = pread(fd, page, sizeof(page), at);

		if (n < 0)
			return err_set(e, errno, "read %s", t->ram);
		hash_add(&ctx, page, n);
	}
	hash_end(&ctx, hex);
	return 0;
}

static int write_meta(struct template *t, struct err **e)
{
	cleanup_json json_t *meta = json_object();
	cleanup_free char *path = NULL, *text = NULL;

	if (sum_files(t, t->sum, e) < 0)
		return -1;
	json_object_set_new(meta, "key", json_string(t->key));
	json_object_set_new(meta, "sum", json_string(t->sum));
	if (t->stage)
		json_object_set(meta, "stage", t->stage);
	text = json_dumps(meta, JSON_INDENT(1));
	path = text_format("%s/meta.json", t->entry.dir);
	return write_file(path, text, strlen(text), e);
}

/* Is what lies there whole and ours? */
static bool is_sound(struct template *t)
{
	cleanup_free char *path = NULL;
	cleanup_json json_t *meta = NULL;
	const char *key, *sum;

	path = text_format("%s/meta.json", t->entry.dir);
	meta = json_load_file(path, 0, NULL);
	key = json_string_value(json_object_get(meta, "key"));
	sum = json_string_value(json_object_get(meta, "sum"));
	if (!key || !sum || strcmp(key, t->key) != 0 || sum_files(t, t->sum, NULL) < 0 ||
	    strcmp(sum, t->sum) != 0)
		return false;
	t->stage = json_incref(json_object_get(meta, "stage"));
	return true;
}

/* 1: there and sound; 0: to be made. */
static int open_template(struct template *t, struct err **e)
{
	int found = store_open("templates", t->key, &t->entry, e);

	if (found < 0)
		return -1;
	fill_paths(t);
	if (found && is_sound(t))
		return 1;
	if (found && store_renew(&t->entry, e) < 0)
		return -1;
	fill_paths(t);
	t->fresh = true;
	return 0;
}

static int keep(struct template *t, struct err **e)
{
	if (write_meta(t, e) < 0 || store_keep(&t->entry, e) < 0)
		return -1;
	fill_paths(t);
	return 0;
}

/* A clone's QEMU has to have a kernel, because that makes part of the machine, and never runs it:
 * the set-up header and a byte behind it will do, in place of 14 MB to read (the boot protocol,
 * Documentation/arch/x86/boot.rst). */
static int write_kernel_stub(const char *kernel, const char *stub, struct err **e)
{
	size_t len, setup;
	cleanup_free char *image = read_file(kernel, &len, e);

	if (!image)
		return -1;
	setup = len > 0x1f1 && image[0x1f1] ? (unsigned char)image[0x1f1] : 4;
	setup = (setup + 1) * 512 + 16;
	return write_file(stub, image, setup < len ? setup : len, e);
}

static int fail_guest(const struct guest *g, const char *console, struct err **e)
{
	const char *fault = json_string_value(json_array_get(g->faults, 0));

	if (g->end == GUEST_FAULT || g->end == GUEST_RUNS)
		return err_set(e, 0, "%s", fault ? fault : "unknown fault");
	return err_set(e, 0, "%s (the guest's console: %s)", g->why, console);
}

static char *keep_console(const char *key)
{
	char *path = path_cache("templates/%s.console", key);

	unlink(path);
	return path;
}

static int boot(struct template *t, struct err **e)
{
	cleanup_free char *initrd = text_format("%s/initrd", t->entry.dir);
	cleanup_free char *console = keep_console(t->key);
	cleanup_guest struct guest g = {.vm = VM_NONE};
	cleanup_overlay struct overlay *o = guest_overlay(e);
	struct vm_spec spec;

	if (!o || initramfs_write(t->machine.image_cpio, o, initrd, e) < 0 ||
	    write_kernel_stub(t->machine.kernel, t->kernel_stub, e) < 0)
		return -1;
	spec = (struct vm_spec){
	    .accel = t->machine.accel,
	    .memory_mb = t->machine.memory_mb,
	    .kernel = t->machine.kernel,
	    .initrd = initrd,
	    .ram = t->ram,
	    .ram_mode = VM_RAM_OWN,
	    .console = console,
	};
	if (guest_start(&g, &spec, BOOT_WALL_S, e) < 0)
		return -1;
	guest_wait(&g, true);
	if (!g.ready || json_array_size(g.faults))
		return fail_guest(&g, console, e);
	if (vm_save(&g.vm, t->state, e) < 0)
		return -1;
	unlink(initrd);
	return 0;
}

int template_base(const struct machine *m, progress_fn progress, void *arg, struct template *t,
                  struct err **e)
{
	cleanup_free char *identity = vm_identity(m->accel, m->memory_mb, e);
	cleanup_overlay struct overlay *o = NULL;
	char hex[HASH_HEX];
	const void *bytes;
	SHA2_CTX ctx;
	size_t len;
	int found;

	*t = (struct template){.machine = *m, .entry = STORE_NONE};
	if (!identity)
		return -1;
	o = guest_overlay(e);
	bytes = o ? overlay_bytes(o, &len, e) : NULL;
	if (!bytes)
		return -1;
	SHA256Init(&ctx);
	hash_add_text(&ctx, TEMPLATE_FORMAT);
	hash_add_text(&ctx, identity);
	hash_add_text(&ctx, m->kernel_hash);
	hash_add_text(&ctx, m->image_hash);
	hash_add(&ctx, bytes, len);
	hash_end(&ctx, hex);
	t->key = strndup(hex, 16);
	found = open_template(t, e);
	if (found == 0)
		progress("booting a template (about 15 s, once)", arg);
	if (found == 0 && (boot(t, e) < 0 || keep(t, e) < 0))
		found = -1;
	if (found < 0) {
		err_wrap(e, "template of %s", m->kernel);
		template_free(t);
		return -1;
	}
	return 0;
}

int template_boot_again(const struct template *base, struct err **e)
{
	struct template t = {.machine = base->machine, .entry = STORE_NONE};
	int status;

	t.key = text_format("%s-again", base->key);
	status = open_template(&t, e) < 0 ? -1 : boot(&t, e);
	template_free(&t);
	return status;
}

/* Copies what is not a hole. */
static int copy_sparse(const char *from, const char *to, struct err **e)
{
	cleanup_close int in = open(from, O_RDONLY | O_CLOEXEC);
	cleanup_close int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	off_t data = 0, hole;
	struct stat st;

	if (in < 0 || out < 0 || fstat(in, &st) < 0 || ftruncate(out, st.st_size) < 0)
		return err_set(e, errno, "copy %s to %s", from, to);
	for (;;) {
		off_t to_at;

		data = lseek(in, data, SEEK_DATA);
		if (data < 0)
			break; /* ENXIO: nothing but a hole is left */
		hole = lseek(in, data, SEEK_HOLE);
		to_at = data;
		while (data < hole) {
			ssize_t n = copy_file_range(in, &data, out, &to_at, hole - data, 0);

			if (n <= 0)
				return err_set(e, n ? errno : EIO, "copy %s to %s", from, to);
		}
	}
	return 0;
}

static int run_stage(const struct template *base, json_t *stage, const void *module,
                     size_t module_size, struct template *t, struct err **e)
{
	cleanup_free char *job = NULL, *console = keep_console(t->key);
	cleanup_guest struct guest g = {.vm = VM_NONE};
	struct vm_spec spec = {0};

	if (copy_sparse(base->ram, t->ram, e) < 0 ||
	    copy_sparse(base->kernel_stub, t->kernel_stub, e) < 0)
		return -1;
	template_clone_spec(base, &spec);
	job = json_dumps(stage, JSON_COMPACT);
	spec.ram = t->ram;
	spec.ram_mode = VM_RAM_OWN;
	spec.job = job;
	spec.console = console;
	spec.module = module;
	spec.module_size = module_size;
	if (guest_start(&g, &spec, STAGE_WALL_S, e) < 0)
		return -1;
	guest_wait(&g, false);
	if (g.end != GUEST_DONE)
		return fail_guest(&g, console, e);
	t->stage = json_incref(g.observations);
	return vm_save(&g.vm, t->state, e);
}

/* The key without the job's id, which is made from the key. */
static char *derived_key(const struct template *base, json_t *stage, const void *module,
                         size_t module_size)
{
	cleanup_free char *text = json_dumps(stage, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[HASH_HEX];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	hash_add_text(&ctx, base->key);
	hash_add_text(&ctx, text);
	hash_add(&ctx, module ? module : "", module_size);
	hash_end(&ctx, hex);
	return strndup(hex, 16);
}

bool template_derived_exists(const struct template *base, json_t *stage, const void *module,
                             size_t module_size)
{
	cleanup_free char *key = derived_key(base, stage, module, module_size);
	cleanup_free char *path = path_cache("templates/%s", key);

	return access(path, F_OK) == 0;
}

int template_derive(const struct template *base, json_t *stage, const void *module,
                    size_t module_size, struct template *t, struct err **e)
{
	cleanup_json json_t *job = json_deep_copy(stage);
	char id[32];
	int found;

	*t = (struct template){.machine = base->machine, .entry = STORE_NONE};
	t->key = derived_key(base, stage, module, module_size);
	snprintf(id, sizeof(id), "stage-%s", t->key);
	json_object_set_new(job, "id", json_string(id));
	found = open_template(t, e);
	if (found == 0 && (run_stage(base, job, module, module_size, t, e) < 0 || keep(t, e) < 0))
		found = -1;
	if (found < 0) {
		err_wrap(e, "set the stage");
		template_free(t);
		return -1;
	}
	return 0;
}

void template_free(struct template *t)
{
	store_close(&t->entry);
	free(t->key);
	free(t->ram);
	free(t->state);
	free(t->kernel_stub);
	json_decref(t->stage);
	memset(t, 0, sizeof(*t));
	t->entry = STORE_NONE;
}

void template_clone_spec(const struct template *t, struct vm_spec *spec)
{
	spec->accel = t->machine.accel;
	spec->memory_mb = t->machine.memory_mb;
	spec->kernel = t->kernel_stub;
	spec->initrd = t->kernel_stub; /* any file: it was unpacked long ago */
	spec->ram = t->ram;
	spec->ram_mode = VM_RAM_CLONE;
	spec->state = t->state;
}

void templates_trim(void)
{
	store_trim("templates", TEMPLATES_MAX_BYTES);
}
