/* A process with something to hide. A secret lies in its arguments (--password=SECRET) and in its
 * environment (TOKEN=SECRET), where whoever starts it has put it; the rest it takes itself. It
 * blocks all signals, so that the agent finds those that it got in /proc/PID/status. */
#include "probe/victim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/case_files.h"
#include "probe/probe.h"

static const struct {
	const char *name;
	int (*take)(struct holder *h);
} holdings[] = {
    {"attributes", hold_attributes},
    {"unix", hold_unix},
    {"tcp", hold_tcp},
    {"netlink", hold_netlink},
    {"sysv", hold_sysv},
    {"mqueue", hold_mqueue},
    {"key", hold_key},
    {"futex", hold_futex},
    {"locks", hold_locks},
    {"lease", hold_lease},
    {"terminal", hold_terminal},
    {"files", hold_files},
    {"traces", hold_traces},
};

void hold_fact(struct holder *h, const char *key, const char *fmt, ...)
{
	va_list ap;

	fprintf(h->facts, "%s %s ", h->name, key);
	va_start(ap, fmt);
	vfprintf(h->facts, fmt, ap);
	va_end(ap);
	fputc('\n', h->facts);
}

int hold_file(struct holder *h, const char *file, unsigned mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", h->dir, file);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || fchmod(fd, mode) < 0 || write(fd, h->secret, strlen(h->secret)) < 0)
		return -1;
	hold_fact(h, file, "%s", path);
	return fd;
}

/* The facts appear whole: the agent waits for the file. */
static int take_all(struct holder *h)
{
	char making[128], path[128];

	snprintf(making, sizeof(making), "%s/facts.making", h->dir);
	snprintf(path, sizeof(path), "%s/facts", h->dir);
	h->facts = fopen(making, "we");
	if (!h->facts)
		return -1;
	for (size_t i = 0; i < sizeof(holdings) / sizeof(*holdings); i++)
		if (holdings[i].take(h) < 0)
			hold_fact(h, "fault", "%s: %s", holdings[i].name, errno_name(errno));
	if (fclose(h->facts) != 0)
		return -1;
	return rename(making, path);
}

int run_victim(int argc, char **argv)
{
	const char *secret = getenv("TOKEN");
	struct holder h = {.name = argc > 1 ? argv[1] : "", .secret = secret ? secret : ""};
	char comm[16];
	sigset_t all;

	if (argc < 2 || !secret) {
		fprintf(stderr, "usage: TOKEN=SECRET probe victim NAME --password=SECRET\n");
		return EXIT_FAULT;
	}
	snprintf(comm, sizeof(comm), "victim-%s", h.name);
	prctl(PR_SET_NAME, comm);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	umask(022);
	snprintf(h.dir, sizeof(h.dir), "%s/%s", VICTIM_DIR, h.name);
	if (take_all(&h) < 0)
		return EXIT_FAULT;
	serve(&h);
}
