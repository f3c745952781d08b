#include "ports.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include "vm_copy.h"

#define FW_CFG_SELECTOR 0x510 /* 16 bit; the data port is the byte behind it */
#define FW_CFG_DATA     0x511
#define FW_CFG_FILE_DIR 0x19
#define DEBUGCON        0xe9

struct fwcfg_file { /* fw_cfg.rst, "File Directory"; numbers are big-endian */
	uint32_t size;
	uint16_t select;
	uint16_t reserved;
	char name[56];
};

int ports_open(void)
{
	if (ioperm(FW_CFG_SELECTOR, 2, 1) < 0)
		return -1;
	return ioperm(DEBUGCON, 1, 1);
}

void ports_drop(void)
{
	ioperm(FW_CFG_SELECTOR, 2, 0);
	ioperm(DEBUGCON, 1, 0);
}

/* The string instructions of sys/io.h do not tell the compiler that they touch memory. */
static void touch_memory(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static void read_bytes(void *to, size_t len)
{
	touch_memory(to);
	insb(FW_CFG_DATA, to, len);
	touch_memory(to);
}

/* Eight digits, at the start of each of our files (vm_ends.c, guest_file). */
static size_t read_length(void)
{
	char digits[9] = "";

	read_bytes(digits, 8);
	return strtoul(digits, NULL, 16);
}

char *fwcfg_read(const char *name, size_t *size)
{
	uint32_t count = 0;

	outw(FW_CFG_FILE_DIR, FW_CFG_SELECTOR);
	read_bytes(&count, sizeof(count));
	for (count = ntohl(count); count > 0; count--) {
		struct fwcfg_file file = {0};
		char *data;

		read_bytes(&file, sizeof(file));
		file.name[sizeof(file.name) - 1] = '\0';
		if (strcmp(file.name, name) != 0)
			continue;
		outw(ntohs(file.select), FW_CFG_SELECTOR);
		*size = read_length();
		data = *size > ntohl(file.size) ? NULL : malloc(*size + 1);
		if (!data)
			return NULL;
		read_bytes(data, *size);
		data[*size] = '\0';
		return data;
	}
	return NULL;
}

void copy_point(void)
{
	outb(VM_COPY_POINT, DEBUGCON);
}

void debugcon_write(const char *data, size_t len)
{
	touch_memory(data);
	outsb(DEBUGCON, data, len);
}
