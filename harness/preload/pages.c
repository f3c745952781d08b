/* The pages that a copy is going to write become its own when it is made, all of them at once.
 *
 * After a fork each page is shared until somebody writes it; the kernel then makes a copy of that
 * one page, in an exception. A login writes some three thousand, and where the machine under QEMU
 * is a virtual one itself, an exception costs ten times as much as the page (MADV_POPULATE_WRITE of
 * madvise(2) has no exceptions), and more if two copies do it at a time. Which pages it will be is
 * known from the machine that is copied, which has made such a login: what it has written of the
 * guest's memory; where TCG puts new code; and, of QEMU's own memory, what is large and in use all
 * over, as the hash table is by which TCG finds code.
 *
 * A kernel that has no such call (before Linux 5.14) copies them one by one. */
#include "preload.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE      4096UL
#define HUGE_PAGE (2UL << 20) /* TCG's code lies in such, and has begun to use the last */
#define LARGE     (1UL << 20)

enum { RUNS = 8192, BLOCKS = 32, CHUNK = 512 };

/* Kept from here on; a copy has them from the machine that it was copied from. */
static struct run {
	uintptr_t start, end;
} runs[RUNS], blocks[BLOCKS];
static int n_runs, n_blocks;

static int pagemap = -1;

void pages_know_guest_memory(void *start, size_t len)
{
	if (n_blocks < BLOCKS)
		blocks[n_blocks++] = (struct run){(uintptr_t)start, (uintptr_t)start + len};
}

static void add(uintptr_t start, uintptr_t end)
{
	if (n_runs && runs[n_runs - 1].end == start)
		runs[n_runs - 1].end = end;
	else if (n_runs < RUNS)
		runs[n_runs++] = (struct run){start, end};
}

/* Calls found() for each page of this process's own, in order (pagemap of proc(5): bit 63, it is
 * present; bit 61, it is one of a file's). */
static void each_own(struct run r, void (*found)(uintptr_t page, void *arg), void *arg)
{
	uint64_t entry[CHUNK];

	for (uintptr_t at = r.start; at < r.end; at += CHUNK * PAGE) {
		size_t n = (r.end - at) / PAGE < CHUNK ? (r.end - at) / PAGE : CHUNK;

		if (pread(pagemap, entry, n * sizeof(*entry),
		          (off_t)(at / PAGE * sizeof(*entry))) != (ssize_t)(n * sizeof(*entry)))
			return;
		for (size_t i = 0; i < n; i++)
			if (entry[i] >> 63 & 1 && !(entry[i] >> 61 & 1))
				found(at + i * PAGE, arg);
	}
}

static void take(uintptr_t page, void *arg)
{
	(void)arg;
	add(page, page + PAGE);
}

struct extent {
	size_t pages;
	uintptr_t last;
};

static void measure(uintptr_t page, void *arg)
{
	struct extent *e = arg;

	e->pages++;
	e->last = page;
}

/* Of a mapping that has no file. */
static void look_at(struct run r, const char *access)
{
	struct extent e = {0};

	if (r.end - r.start < LARGE)
		return;
	each_own(r, measure, &e);
	if (!strcmp(access, "rwxp") && e.pages) {
		uintptr_t begun = e.last / HUGE_PAGE * HUGE_PAGE;

		add(begun > r.start ? begun : r.start, e.last + PAGE);
	} else if (!strcmp(access, "rw-p") && e.pages * PAGE >= (r.end - r.start) / 10 * 9) {
		add(r.start, r.end);
	}
}

void pages_find(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	while (maps && pagemap >= 0 && fgets(line, sizeof(line), maps)) {
		unsigned long start, end, inode;
		char access[8];

		if (sscanf(line, "%lx-%lx %7s %*s %*s %lu", &start, &end, access, &inode) == 4 &&
		    inode == 0)
			look_at((struct run){start, end}, access);
	}
	for (int i = 0; pagemap >= 0 && i < n_blocks; i++)
		each_own(blocks[i], take, NULL);
	if (maps)
		fclose(maps);
	close(pagemap);
}

void pages_make_own(void)
{
	for (int i = 0; i < n_runs; i++)
		madvise((void *)runs[i].start, runs[i].end - runs[i].start, MADV_POPULATE_WRITE);
}
