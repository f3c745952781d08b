#include "elfcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "printable.h"

struct object {
	char *shown; /* the path, fit for a message */
	int fd;
	Elf *elf;
};

static void close_object(struct object *o)
{
	if (o->elf)
		elf_end(o->elf);
	if (o->fd >= 0)
		close(o->fd);
	free(o->shown);
}
#define cleanup_object __attribute__((cleanup(close_object)))

static int open_file(struct object *o, const char *path, struct err **e)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT)
		return err_usage(e, "candidate %s is not there: build it, or correct the path",
		                 o->shown);
	if (stat(path, &st) < 0)
		return err_usage(e, "candidate %s: %s", o->shown, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_usage(e, "candidate %s is a directory: name the .so file in it",
		                 o->shown);
	if (!S_ISREG(st.st_mode))
		return err_usage(e, "candidate %s is no regular file: name a .so file", o->shown);
	if (st.st_size == 0)
		return err_usage(e, "candidate %s is empty: build it again", o->shown);
	o->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (o->fd < 0)
		return err_usage(e, "candidate %s cannot be read: %s", o->shown, strerror(errno));
	return 0;
}

static int malformed(const struct object *o, const char *what, struct err **e)
{
	return err_usage(e, "candidate %s is damaged: %s; build it again", o->shown, what);
}

static int open_object(struct object *o, const char *path, struct err **e)
{
	*o = (struct object){.fd = -1, .shown = printable(path, strlen(path), NULL)};
	if (open_file(o, path, e) < 0)
		return -1;
	elf_version(EV_CURRENT);
	o->elf = elf_begin(o->fd, ELF_C_READ, NULL);
	if (!o->elf)
		return malformed(o, elf_errmsg(-1), e);
	if (elf_kind(o->elf) == ELF_K_AR)
		return err_usage(e, "candidate %s is a static library (.a): link it with -shared",
		                 o->shown);
	if (elf_kind(o->elf) != ELF_K_ELF)
		return err_usage(e, "candidate %s is no ELF file: name a shared object (.so)",
		                 o->shown);
	return 0;
}

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
	    {EM_386, "32-bit x86"},  {EM_X86_64, "x86-64"},      {EM_AARCH64, "AArch64"},
	    {EM_ARM, "32-bit ARM"},  {EM_RISCV, "RISC-V"},       {EM_PPC64, "POWER"},
	    {EM_S390, "IBM Z"},      {EM_MIPS, "MIPS"},          {EM_LOONGARCH, "LoongArch"},
	    {EM_SPARCV9, "SPARC64"}, {EM_PPC, "32-bit PowerPC"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "an unknown machine";
}

static int check_header(const struct object *o, GElf_Ehdr *eh, struct err **e)
{
	bool wide, little;

	if (!gelf_getehdr(o->elf, eh))
		return malformed(o, "its ELF header is not whole", e);
	wide = eh->e_ident[EI_CLASS] == ELFCLASS64;
	little = eh->e_ident[EI_DATA] == ELFDATA2LSB;
	if (eh->e_machine != EM_X86_64 || !wide || !little)
		return err_usage(e,
		                 "candidate %s is for %s (%s-bit, %s-endian, machine %u), the "
		                 "guests are x86-64: build it for them",
		                 o->shown, machine_name(eh->e_machine), wide ? "64" : "32",
		                 little ? "little" : "big", eh->e_machine);
	if (eh->e_type == ET_REL)
		return err_usage(e, "candidate %s is an object file (.o): link it with -shared",
		                 o->shown);
	if (eh->e_type != ET_DYN)
		return err_usage(e, "candidate %s is %s, no shared object: link it with -shared",
		                 o->shown,
		                 eh->e_type == ET_EXEC   ? "a program"
		                 : eh->e_type == ET_CORE ? "a core dump"
		                                         : "of an unknown ELF type");
	return 0;
}

/* Every segment's bytes must be in the file: what follows its end would be missing in the guest. */
static int check_segments(const struct object *o, struct err **e)
{
	bool dynamic = false;
	size_t count;
	struct stat st;

	if (elf_getphdrnum(o->elf, &count) < 0 || fstat(o->fd, &st) < 0)
		return malformed(o, "its program headers cannot be read", e);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(o->elf, (int)i, &ph))
			return malformed(o, "its program headers are not whole", e);
		dynamic |= ph.p_type == PT_DYNAMIC;
		if (ph.p_type == PT_INTERP)
			return err_usage(e,
			                 "candidate %s is a program, no shared object: link it "
			                 "with -shared",
			                 o->shown);
		if (ph.p_type == PT_LOAD && (ph.p_filesz > (GElf_Xword)st.st_size ||
		                             ph.p_offset > (GElf_Off)st.st_size - ph.p_filesz))
			return malformed(o, "it is cut off, a segment goes past its end", e);
	}
	if (!dynamic)
		return err_usage(e,
		                 "candidate %s has no dynamic section, it is no shared object: "
		                 "link it with -shared",
		                 o->shown);
	return 0;
}

/* The first section of a type with its content; NULL if there is none or it cannot be read. */
static Elf_Data *find_section(const struct object *o, unsigned type, GElf_Shdr *sh)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(o->elf, scn));)
		if (gelf_getshdr(scn, sh) && sh->sh_type == type)
			return elf_getdata(scn, NULL);
	return NULL;
}

struct symbols {
	Elf_Data *data;
	GElf_Shdr sh;
	size_t count;
};

static int find_symbols(const struct object *o, struct symbols *s, struct err **e)
{
	s->data = find_section(o, SHT_DYNSYM, &s->sh);
	if (!s->data)
		return malformed(o, "its dynamic symbols cannot be found", e);
	s->count = s->data->d_size / gelf_fsize(o->elf, ELF_T_SYM, 1, EV_CURRENT);
	return 0;
}

static bool exports(const struct object *o, const struct symbols *s, const char *wanted)
{
	for (size_t i = 1; i < s->count; i++) {
		GElf_Sym sym;
		const char *name;
		unsigned type, visibility;

		if (!gelf_getsym(s->data, (int)i, &sym) || sym.st_shndx == SHN_UNDEF)
			continue;
		type = GELF_ST_TYPE(sym.st_info);
		visibility = GELF_ST_VISIBILITY(sym.st_other);
		if (GELF_ST_BIND(sym.st_info) == STB_LOCAL ||
		    (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) ||
		    (visibility != STV_DEFAULT && visibility != STV_PROTECTED))
			continue;
		name = elf_strptr(o->elf, s->sh.sh_link, sym.st_name);
		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

int candidate_check(const char *path, struct err **e)
{
	cleanup_object struct object o;
	struct symbols symbols = {0};
	GElf_Ehdr eh;
	bool opens, closes;

	if (open_object(&o, path, e) < 0 || check_header(&o, &eh, e) < 0 ||
	    check_segments(&o, e) < 0 || find_symbols(&o, &symbols, e) < 0)
		return -1;
	opens = exports(&o, &symbols, "pam_sm_open_session");
	closes = exports(&o, &symbols, "pam_sm_close_session");
	if (!opens)
		return err_usage(e,
		                 "candidate %s exports no pam_sm_open_session%s: it is no session "
		                 "module, or hides its symbols",
		                 o.shown, closes ? "" : " and no pam_sm_close_session");
	if (!closes)
		return err_usage(e,
		                 "candidate %s exports no pam_sm_close_session: PAM calls it at "
		                 "the session's end; add one",
		                 o.shown);
	return 0;
}
