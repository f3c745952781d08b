/* The steps that only decide when the session goes on, and how it ends. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "probe/probe.h"

#define HOLD_MS 60000
#define POLL_MS 10

int step_hold(struct session *s, long number)
{
	int fd = open(CASE_HELD, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	(void)number;
	if (fd < 0)
		return fault(s, "hold: make %s: %s", CASE_HELD, strerror(errno));
	close(fd);
	for (int ms = 0; ms < HOLD_MS; ms += POLL_MS) {
		if (access(CASE_GO, F_OK) == 0)
			return 0;
		sleep_ms(POLL_MS);
	}
	return fault(s, "hold: no %s within %d s", CASE_GO, HOLD_MS / 1000);
}

int step_sleep(struct session *s, long ms)
{
	(void)s;
	sleep_ms(ms);
	return 0;
}

int step_exit(struct session *s, long status)
{
	s->ended = true;
	s->status = (int)status;
	return 0;
}

int step_signal(struct session *s, long signal)
{
	s->ended = true;
	s->signal = (int)signal;
	return 0;
}
