/* The victims' POSIX message queues, and their messages to a queue of the session's own. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

/* A queue's file says "QSIZE:0 NOTIFY:0 SIGNO:10 NOTIFY_PID:5001" (mq_overview(7)). */
static void look_at_queue(const struct victim *v, json_t *waiting, json_t *pids)
{
	cleanup_free char *text = NULL;
	char path[64];
	const char *at;
	int number;

	snprintf(path, sizeof(path), "/dev/mqueue/pamlab-%s", v->name);
	text = procfs_file_at(AT_FDCWD, path, NULL);
	if (!text)
		return;
	at = strstr(text, "SIGNO:");
	if (at && sscanf(at, "SIGNO:%d", &number) == 1 && number == SIGUSR1)
		add_text(waiting, "%s", v->name);
	at = strstr(text, "NOTIFY_PID:");
	if (at && sscanf(at, "NOTIFY_PID:%d", &number) == 1 && number)
		add_text(pids, "%s: %d", v->name, number);
}

/* Asks a victim for a message to the queue, and waits for the signal that tells of it. */
static void get_message(mqd_t q, const struct victim *v, json_t *notified, json_t *senders)
{
	struct sigevent tell = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct timespec patience = {.tv_sec = 1};
	struct answer a = {0};
	siginfo_t info;
	sigset_t set;
	char text[16];

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (mq_notify(q, &tell) < 0 || ask_victim(v->name, ASK_MESSAGE, &a) < 0 || a.error)
		return;
	if (sigtimedwait(&set, &info, &patience) != SIGUSR1 || info.si_code != SI_MESGQ)
		return;
	add_text(notified, "%s", v->name);
	if (info.si_pid)
		add_text(senders, "%s: %d", v->name, info.si_pid);
	if (mq_receive(q, text, sizeof(text), NULL) < 0)
		return;
}

int step_mqueue(struct session *s, long number)
{
	json_t *waiting = json_array(), *pids = json_array();
	json_t *notified = json_array(), *senders = json_array();
	struct mq_attr size = {.mq_maxmsg = 1, .mq_msgsize = 16};
	cleanup_free struct victim *victims = NULL;
	mode_t mask = umask(0);
	mqd_t q = mq_open(ASK_QUEUE, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666, &size);
	sigset_t set, old;
	size_t n;

	(void)number;
	umask(mask);
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	if (q == (mqd_t)-1)
		return fault(s, "mqueue: make a queue: %s", strerror(errno));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (size_t i = 0; i < n; i++) {
		look_at_queue(&victims[i], waiting, pids);
		get_message(q, &victims[i], notified, senders);
	}
	mq_close(q);
	mq_unlink(ASK_QUEUE);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return observe(s, "mqueue.waiting", waiting) | observe(s, "mqueue.pids", pids) |
	       observe(s, "mqueue.notified", notified) | observe(s, "mqueue.senders", senders);
}
