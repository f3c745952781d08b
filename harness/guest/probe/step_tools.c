/* Do the programs that read /proc work? Those that are not installed are not tried. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"

#define TIMEOUT_MS 10000
#define MAX_WORDS  8
#define TOOL_PATH  "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

/* Each has to exit with 0. @pid, @exe and @comm stand for this process' own. */
static const char *const tools[] = {
    "ps -e",  "ps aux", "pgrep .",       "top -bn1",         "w",
    "uptime", "free",   "pidof @exe",    "lsof -p @pid",     "fuser -v /",
    "mount",  "df",     "findmnt /proc", "killall -0 @comm",
};

/* Splits the command and puts in what the @words stand for. The strings stay in line and self. */
struct self {
	char pid[16], comm[17];
};

static void split_words(char *line, char **words, struct self *self)
{
	size_t n = 0;
	char *save;

	for (char *w = strtok_r(line, " ", &save); w && n < MAX_WORDS - 1;
	     w = strtok_r(NULL, " ", &save)) {
		if (strcmp(w, "@pid") == 0)
			w = self->pid;
		else if (strcmp(w, "@comm") == 0)
			w = self->comm;
		else if (strcmp(w, "@exe") == 0)
			w = (char *)own_path();
		words[n++] = w;
	}
	words[n] = NULL;
}

static bool installed(const char *tool)
{
	cleanup_free char *path = strdup(TOOL_PATH);
	char *save;

	for (char *dir = path ? strtok_r(path, ":", &save) : NULL; dir;
	     dir = strtok_r(NULL, ":", &save)) {
		cleanup_free char *file = NULL;

		if (asprintf(&file, "%s/%s", dir, tool) < 0) {
			file = NULL;
			continue;
		}
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

static _Noreturn void exec_tool(char **words)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	setenv("PATH", TOOL_PATH, 1);
	setenv("TERM", "dumb", 0);
	setenv("LC_ALL", "C", 1);
	execvp(words[0], words);
	_exit(127);
}

/* Returns what went wrong with the tool ("exit 1"), "" if nothing, or NULL with errno if it could
 * not be run. The caller frees it. */
static char *run_tool(char **words)
{
	cleanup_close int pidfd = -1;
	struct pollfd ended = {.events = POLLIN};
	char *wrong = NULL;
	int status, n;
	pid_t pid = fork();

	if (pid == 0)
		exec_tool(words);
	if (pid < 0)
		return NULL;
	pidfd = pidfd_open(pid, 0);
	ended.fd = pidfd;
	while ((n = poll(&ended, 1, TIMEOUT_MS)) < 0 && errno == EINTR)
		;
	if (n <= 0)
		kill(pid, SIGKILL);
	status = wait_for(pid);
	if (pidfd < 0 || n < 0 || status < 0)
		return NULL;
	if (n == 0)
		return strdup("no end within 10 s");
	if (WIFSIGNALED(status))
		n = asprintf(&wrong, "signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		n = asprintf(&wrong, "exit %d", WEXITSTATUS(status));
	else
		return strdup("");
	return n < 0 ? NULL : wrong;
}

int step_tools(struct session *s, long number)
{
	cleanup_json json_t *failed = json_array(), *tried = json_array();
	struct self self = {"", ""};

	(void)number;
	snprintf(self.pid, sizeof(self.pid), "%d", getpid());
	prctl(PR_GET_NAME, self.comm);
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		cleanup_free char *line = strdup(tools[i]);
		cleanup_free char *wrong = NULL;
		char *words[MAX_WORDS];

		if (!line)
			return fault(s, "tools: out of memory");
		split_words(line, words, &self);
		if (!words[0] || !installed(words[0]))
			continue;
		wrong = run_tool(words);
		if (!wrong)
			return fault(s, "tools: run %s: %s", tools[i], strerror(errno));
		json_array_append_new(tried, json_string(tools[i]));
		if (wrong[0])
			json_array_append_new(failed, json_sprintf("%s: %s", tools[i], wrong));
	}
	if (observe(s, "tools.failed", take_ptr(failed)) < 0)
		return -1;
	return observe(s, "tools.tried", take_ptr(tried));
}
