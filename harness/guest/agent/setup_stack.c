/* Set-ups that change the PAM stacks (probes/stage.def). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "prepare.h"
#include "report.h"

#define STACKS   "/etc/pam.d"
#define ARGUMENT " pamlab_no_such_option=1"

/* The file name of the candidate; "" if the stack has none. */
static void module_name(char *name, size_t room)
{
	char path[512] = "";
	FILE *f = fopen(MODULE_NAME, "re");

	if (f && !fgets(path, sizeof(path), f))
		path[0] = '\0';
	if (f)
		fclose(f);
	snprintf(name, room, "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : "");
}

static void add_argument(const char *path, const char *module)
{
	char line[1024], *text = NULL;
	FILE *in = fopen(path, "re"), *out;
	bool changed = false;
	size_t len;

	if (!in)
		return;
	out = open_memstream(&text, &len);
	while (fgets(line, sizeof(line), in)) {
		bool its = strstr(line, module);

		line[strcspn(line, "\n")] = '\0';
		fprintf(out, "%s%s\n", line, its ? ARGUMENT : "");
		changed |= its;
	}
	fclose(in);
	fclose(out);
	if (changed)
		write_whole(path, text, len, 0644);
	free(text);
}

void setup_bad_argument(void)
{
	DIR *dir = opendir(STACKS);
	struct dirent *e;
	char module[256];

	module_name(module, sizeof(module));
	if (!dir)
		report_fault("open %s: %s", STACKS, strerror(errno));
	while (dir && *module && (e = readdir(dir))) {
		char path[512];

		snprintf(path, sizeof(path), STACKS "/%s", e->d_name);
		if (e->d_name[0] != '.')
			add_argument(path, module);
	}
	if (dir)
		closedir(dir);
}
