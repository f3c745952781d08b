#include "memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/json_line.h"
#include "common/procfs.h"

enum { ROOM = 32, CHUNK = 65536 };

static int proc = -1;
static char *secret;

int memory_prepare(void)
{
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	secret = malloc(ROOM);
	if (proc < 0 || !secret)
		return -1;
	/* The program's file has it nowhere as a whole. */
	for (int i = 0; i < ROOM; i++)
		secret[i] = (char)('a' + (i * 7 + 3) % 26);
	return 0;
}

static bool is_in(int mem, unsigned long start, unsigned long end)
{
	static char chunk[CHUNK];

	/* Chunks overlap: the secret may lie across the end of one. */
	for (; start < end; start += CHUNK - ROOM) {
		size_t wanted = end - start < CHUNK ? end - start : CHUNK;
		ssize_t n = pread(mem, chunk, wanted, (off_t)start);

		if (n > 0 && memmem(chunk, (size_t)n, secret, ROOM))
			return true;
	}
	return false;
}

static bool has_secret(pid_t pid)
{
	char path[32], *save = NULL;
	cleanup_free char *maps = NULL;
	cleanup_close int mem = -1;

	snprintf(path, sizeof(path), "%d/maps", pid);
	maps = procfs_file_at(proc, path, NULL);
	snprintf(path, sizeof(path), "%d/mem", pid);
	mem = openat(proc, path, O_RDONLY | O_CLOEXEC);
	for (char *l = maps ? strtok_r(maps, "\n", &save) : NULL; l && mem >= 0;
	     l = strtok_r(NULL, "\n", &save)) {
		unsigned long start, end;

		if (sscanf(l, "%lx-%lx", &start, &end) == 2 && strstr(l, " rw") &&
		    is_in(mem, start, end))
			return true;
	}
	return false;
}

json_t *memory_holders(pid_t own_child)
{
	cleanup_free pid_t *pids = NULL;
	json_t *names = json_array();
	size_t n = 0;

	procfs_numbers_at(proc, ".", &pids, &n);
	for (size_t i = 0; i < n; i++) {
		struct proc_info p;

		if (pids[i] >= getpid() && pids[i] != own_child && has_secret(pids[i]) &&
		    procfs_read_at(proc, pids[i], &p) == 0)
			json_array_append_new(names, json_line_string(p.comm));
	}
	return names;
}
