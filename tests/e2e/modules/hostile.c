/* A session module that harms the guest it runs in, in the way its argument names, when a session
 * of the service "su" opens; to every other service it is a module that does nothing. For guests
 * only. */
#include <fcntl.h>
#include <sched.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static void ignore_signals(void)
{
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_IGN);
}

static void shell(const char *command)
{
	if (system(command) < 0)
		perror(command);
}

static void panic(void)
{
	put("/proc/sysrq-trigger", "c");
}

static void power_off(void)
{
	reboot(RB_POWER_OFF);
}

static void reset(void)
{
	reboot(RB_AUTOBOOT);
}

static void spin(void)
{
	ignore_signals();
	for (;;)
		__asm__ volatile("");
}

static void wait_for_ever(void)
{
	ignore_signals();
	for (;;)
		pause();
}

static void fork_bomb(void)
{
	ignore_signals();
	for (;;)
		fork();
}

/* Several processes, none of which the kernel may choose to kill. */
static void fill_memory(void)
{
	fork();
	fork();
	put("/proc/self/oom_score_adj", "-1000");
	for (;;) {
		char *more =
		    mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (more != MAP_FAILED)
			memset(more, 1, 1 << 20);
	}
}

static void flood_console(void)
{
	static char line[512];
	int kmsg = open("/dev/kmsg", O_WRONLY), console = open("/dev/ttyS0", O_WRONLY | O_NONBLOCK);

	ignore_signals();
	memset(line, 'x', sizeof(line) - 1);
	line[0] = '<';
	line[1] = '0';
	line[2] = '>';
	line[sizeof(line) - 1] = '\n';
	for (;;)
		for (int i = 0; i < 2; i++)
			if (write(i ? kmsg : console, line, sizeof(line)) < 0)
				continue;
}

static void flood_events(void)
{
	static char line[65536];

	memset(line, 'x', sizeof(line));
	ioperm(0xe9, 1, 1);
	for (;;)
		outsb(0xe9, line, sizeof(line));
}

/* Says that the case is done, and that all was well. */
static void forge_end(void)
{
	static const char line[] =
	    "\n{\"t\":1,\"ev\":\"obs\",\"name\":\"entry.status\",\"value\":7}\n"
	    "{\"t\":2,\"ev\":\"end\",\"status\":\"done\"}\n";

	ioperm(0xe9, 1, 1);
	outsb(0xe9, line, sizeof(line) - 1);
}

static void kill_all(void)
{
	kill(-1, SIGKILL);
}

static void remove_lab(void)
{
	shell("rm -rf /usr/lib/pamlab /run/pamlab");
}

static void replace_lab(void)
{
	shell("for f in /usr/lib/pamlab/* /usr/lib/pamlab/entries/*; do "
	      "test -f $f && rm -f $f && cp /bin/true $f; done; : >/run/pamlab/case/session.jsonl");
}

/* A fault in the words of the lab's own session program. */
static void claim_fault(void)
{
	shell("echo '{\"name\": \"fault\", \"value\": \"the lab is at fault\"}' "
	      ">>/run/pamlab/case/session.jsonl");
}

static const struct deed {
	const char *name;
	void (*act)(void);
} deeds[] = {
    {"panic", panic},
    {"power-off", power_off},
    {"reset", reset},
    {"spin", spin},
    {"wait-for-ever", wait_for_ever},
    {"fork-bomb", fork_bomb},
    {"fill-memory", fill_memory},
    {"flood-console", flood_console},
    {"flood-events", flood_events},
    {"forge-end", forge_end},
    {"kill-all", kill_all},
    {"remove-lab", remove_lab},
    {"replace-lab", replace_lab},
    {"claim-fault", claim_fault},
};

EXPORT int pam_sm_open_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	const void *service = NULL;

	(void)flags;
	pam_get_item(h, PAM_SERVICE, &service);
	if (!service || strcmp(service, "su") != 0)
		return PAM_SUCCESS;
	for (size_t i = 0; argc > 0 && i < sizeof(deeds) / sizeof(*deeds); i++)
		if (!strcmp(deeds[i].name, argv[0]))
			deeds[i].act();
	return PAM_SUCCESS;
}

EXPORT int pam_sm_close_session(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
