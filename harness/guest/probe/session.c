/* The user's program: runs the plan of the case. It may be PID 1 of its namespace, the login shell,
 * or a command that one was given; its arguments never matter. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "common/json_line.h"
#include "common/shell_files.h"
#include "probe/first.h"
#include "probe/probe.h"

struct planned {
	const struct step *step;
	long number;
};

/* Parses one line of the plan. Returns 0, or -1 after fault(). */
static int parse_step(const struct session *s, const char *line, struct planned *p)
{
	char name[32] = "", number[32] = "", more[2] = "";
	int words = sscanf(line, "%31s %31s %1s", name, number, more);
	char *end;

	*p = (struct planned){.step = NULL};
	for (size_t i = 0; i < n_steps; i++)
		if (strcmp(steps[i].name, name) == 0)
			p->step = &steps[i];
	if (!p->step) {
		fault(s, "plan: no step '%s'", line);
		return -1;
	}
	if (words != (p->step->arg ? 2 : 1))
		return fault(s, "plan: '%s': %s takes %s", line, name,
		             p->step->arg ? "one number" : "no argument");
	if (!p->step->arg)
		return 0;
	p->number = strtol(number, &end, 10);
	if (*end || p->number < p->step->min || p->number > p->step->max)
		return fault(s, "plan: '%s': %s takes a number from %ld to %ld", line, name,
		             p->step->min, p->step->max);
	return 0;
}

/* Reads the whole plan before its first step is run: what a step does must not change it. */
static int read_plan(const struct session *s, FILE *f, struct planned **out, size_t *n)
{
	cleanup_free struct planned *list = NULL;
	cleanup_free char *line = NULL;
	size_t size = 0, used = 0;

	while (getline(&line, &size, f) > 0) {
		struct planned *bigger;

		line[strcspn(line, "\n")] = '\0';
		if (!line[0])
			continue;
		bigger = reallocarray(list, used + 1, sizeof(*list));
		if (!bigger)
			return fault(s, "plan: out of memory");
		list = bigger;
		if (parse_step(s, line, &list[used]) < 0)
			return -1;
		used++;
	}
	*out = take_ptr(list);
	*n = used;
	return 0;
}

static int observe_first(const struct session *s)
{
	const struct first_look *f = &first_look;
	char link[sizeof(f->link) + 1] = "", pid[24];
	bool right;

	if (f->link_len > 0)
		memcpy(link, f->link, (size_t)f->link_len);
	snprintf(pid, sizeof(pid), "%ld", f->pid);
	right = f->stat_type == PROC_SUPER_MAGIC && strcmp(link, pid) == 0;
	if (observe(s, "first.pid", json_integer(f->pid)) < 0 ||
	    observe(s, "first.proc_self", f->link_len < 0 ? json_null() : json_line_string(link)) <
	        0)
		return -1;
	/* /proc/self may be a link that leads nowhere: then opening a file below it is what fails.
	 */
	if (observe(s, "first.proc_self_errno",
	            f->link_len < 0    ? json_string(errno_name((int)-f->link_len))
	            : f->stat_open < 0 ? json_string(errno_name((int)-f->stat_open))
	                               : json_integer(0)) < 0)
		return -1;
	return observe(s, "first.proc_right", json_boolean(right));
}

static void mark_start(struct marks *m)
{
	uint64_t none = 0;

	if (!m)
		return;
	__atomic_add_fetch(&m->sessions, 1, __ATOMIC_SEQ_CST);
	__atomic_compare_exchange_n(&m->session_first, &none, first_look.tsc, 0, __ATOMIC_SEQ_CST,
	                            __ATOMIC_SEQ_CST);
}

/* Ends the process; by a signal, if the plan says so. PID 1 of a namespace cannot kill itself
 * (pid_namespaces(7)): it exits as a shell would report that death. */
static _Noreturn void finish(const struct session *s)
{
	int status = s->signal ? 128 + s->signal : s->status;

	if (s->signal) {
		sigset_t all;

		signal(s->signal, SIG_DFL);
		sigfillset(&all);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		sigprocmask(SIG_UNBLOCK, &all, NULL);
	}
	if (s->marks) {
		__atomic_add_fetch(&s->marks->finished, 1, __ATOMIC_SEQ_CST);
		s->marks->session_last = marks_now();
	}
	if (s->signal) {
		kill(getpid(), s->signal);
		if (s->marks)
			s->marks->session_last = marks_now();
	}
	_exit(status);
}

/* Commands are piped in: the terminal neither echoes them nor adds carriage returns, and the host
 * is told that the shell will read them. */
static void make_plain(void)
{
	static const char ready[] = SHELL_READY;
	struct termios t;

	if (tcgetattr(0, &t) == 0) {
		t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		t.c_oflag &= ~(tcflag_t)ONLCR;
		tcsetattr(0, TCSADRAIN, &t);
	}
	if (write(1, ready, sizeof(ready) - 1) < 0)
		perror("session: write to the terminal");
}

/* Who starts the shell may be outside its PID namespace, and so may the group of processes that the
 * shell is in then: it could not give the terminal back to a group that has no number here. */
static void lead_group(void)
{
	signal(SIGTTOU, SIG_IGN);
	if (setpgid(0, 0) == 0)
		tcsetpgrp(0, getpid());
	signal(SIGTTOU, SIG_DFL);
}

/* Without a plan alice is an account like any other. */
static int exec_shell(int argc, char **argv)
{
	char login[] = "-sh", other[] = "sh", no_prompt[] = "+i";
	char *name = argv[0][0] == '-' ? login : other;
	char *plain[] = {name, no_prompt, NULL};

	argv[0] = name;
	setenv("ENV", SHELL_RC, 0);
	if (argc == 1 && access(SHELL_PLAIN, F_OK) == 0) {
		make_plain();
		argv = plain;
	} else if (argc == 1 && isatty(0)) {
		lead_group();
	}
	execv("/bin/sh", argv);
	fprintf(stderr, "session: run /bin/sh: %s\n", strerror(errno));
	return 127;
}

int run_session(int argc, char **argv)
{
	cleanup_file FILE *plan = fopen(CASE_PLAN, "re");
	struct session s = {.out = -1, .marks = marks_map(CASE_MARKS)};
	cleanup_free struct planned *list = NULL;
	size_t n = 0;

	if (!plan && errno == ENOENT)
		return exec_shell(argc, argv);
	mark_start(s.marks);
	/* Inherited as ignored, it would leave no child to wait for. */
	signal(SIGCHLD, SIG_DFL);
	s.out = json_line_open(CASE_SESSION);
	if (s.out < 0) {
		fprintf(stderr, "session: open %s: %s\n", CASE_SESSION, strerror(errno));
		s.status = EXIT_FAULT;
		finish(&s);
	}
	if (!plan)
		s.status = fault(&s, "read %s: %s", CASE_PLAN, strerror(errno));
	else if (observe_first(&s) < 0)
		s.status = -1;
	else
		s.status = read_plan(&s, plan, &list, &n);
	for (size_t i = 0; i < n && s.status == 0 && !s.ended; i++) {
		int r = list[i].step->run(&s, list[i].number);

		if (r < 0)
			s.status = -1;
	}
	if (s.status < 0)
		s.status = EXIT_FAULT;
	finish(&s);
}
