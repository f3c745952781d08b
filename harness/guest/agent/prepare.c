#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

bool write_whole(const char *path, const char *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool ok = fd >= 0 && fchmod(fd, mode) == 0;

	while (ok && len > 0) {
		ssize_t n = write(fd, data, len);

		if (n <= 0) {
			ok = false;
		} else {
			data += n;
			len -= n;
		}
	}
	if (!ok)
		report_fault("write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

void write_files(json_t *files)
{
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		json_t *content = json_object_get(file, "content");

		write_whole(json_string_value(json_object_get(file, "path")),
		            json_string_value(content), json_string_length(content),
		            json_integer_value(json_object_get(file, "mode")));
	}
}

static const struct {
	const char *name;
	void (*set_up)(void); /* NULL: it is in the PAM files */
} setups[] = {
#define SETUP(name, function, varies, about)          {name, function},
#define COMPANION(name, before, after, varies, about) {name, NULL},
#include "probes/stage.def"
#undef SETUP
#undef COMPANION
};

/* True if the agent had to do something. */
static bool set_up(const char *name)
{
	for (size_t i = 0; i < sizeof(setups) / sizeof(*setups); i++) {
		if (strcmp(setups[i].name, name) != 0)
			continue;
		if (setups[i].set_up)
			setups[i].set_up();
		return setups[i].set_up;
	}
	report_fault("unknown set-up \"%s\"", name);
	return false;
}

bool prepare(json_t *job)
{
	const char *root = json_string_value(json_object_get(job, "root"));
	bool changed = false;
	json_t *name;
	size_t i;

	write_files(json_object_get(job, "files"));
	json_array_foreach(json_object_get(job, "with"), i, name) changed |=
	    set_up(json_string_value(name));
	if (!root || strcmp(root, "shared") != 0)
		return changed;
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		report_fault("make / shared: %s", strerror(errno));
	return true;
}
