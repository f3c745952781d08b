#include "klog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/json_line.h"
#include "report.h"

enum { MOST_LINES = 20 };

/* How the kernel begins such lines (lib/bug.c, kernel/panic.c, kernel/hung_task.c, mm/slub.c). A
 * stall of RCU is not among them: a clone at another shift than its template has one when it
 * starts. */
static const char *const signs[] = {
    "WARNING: CPU:", "WARNING: possible",        "BUG:",
    "Oops",          "general protection fault", "blocked for more than",
    "refcount_t:",   "VFS: Busy inodes",
};

static int fd = -1;
static json_t *complaints;

void klog_begin(void)
{
	if (fd < 0)
		fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		report_fault("open the kernel's log: %s", strerror(errno));
	complaints = json_array();
}

static bool is_sign(const char *text)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (strstr(text, signs[i]))
			return true;
	return false;
}

/* One record a read: "PRIORITY,NUMBER,TIME,FLAGS;TEXT" (Documentation/ABI/testing/dev-kmsg). EPIPE:
 * records were overwritten before they were read, and the next read goes on. */
static void read_on(void)
{
	char record[8192], *text;
	ssize_t n;

	while (fd >= 0 && ((n = read(fd, record, sizeof(record) - 1)) > 0 || errno == EPIPE)) {
		if (n <= 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text || !is_sign(text) || json_array_size(complaints) >= MOST_LINES)
			continue;
		text[strcspn(text, "\n")] = '\0';
		json_array_append_new(complaints, json_line_string(text + 1));
	}
}

json_t *klog_complaints(void)
{
	read_on();
	return json_copy(complaints);
}
