#include "stageset.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "guest.h"

static void fail(struct stage_template *s, enum exit_status status, const char *why)
{
	s->state = STAGE_FAILED;
	s->status = status;
	free(s->why);
	s->why = strdup(why);
}

static int derive(const struct stage_template *s, struct template *t, struct err **e)
{
	cleanup_json json_t *job = candidate_stage(s->candidate, e);

	if (!job)
		return -1;
	if (template_derive(s->base, job, s->candidate->bytes, s->candidate->size, t, e) < 0)
		return -1;
	if (candidate_judge_stage(s->candidate, t->stage, e) < 0) {
		template_free(t);
		return -1;
	}
	return 0;
}

static void open_now(struct stage_template *s)
{
	cleanup_err struct err *e = NULL;

	if (derive(s, &s->template, &e) == 0)
		s->state = STAGE_READY;
	else
		fail(s, e->status, e->msg);
}

bool stage_is_cached(const struct stage_template *s)
{
	cleanup_json json_t *job = candidate_stage(s->candidate, NULL);

	return job &&
	       template_derived_exists(s->base, job, s->candidate->bytes, s->candidate->size);
}

/* In the builder: what it says on the pipe is its error, one byte of status and a line. */
static _Noreturn void build(const struct stage_template *s, int report, pid_t parent)
{
	struct err *e = NULL;
	struct template t;
	char status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	if (derive(s, &t, &e) == 0) {
		template_free(&t);
		_exit(0);
	}
	status = (char)e->status;
	if (write(report, &status, 1) < 0 || write(report, e->msg, strlen(e->msg)) < 0)
		_exit(2);
	_exit(1);
}

void stage_open(struct stage_template *s)
{
	pid_t parent = getpid();
	int pipe_fd[2];

	if (stage_is_cached(s)) {
		open_now(s);
		return;
	}
	if (pipe2(pipe_fd, O_CLOEXEC) < 0) {
		fail(s, EXIT_LAB, strerror(errno));
		return;
	}
	s->builder = fork();
	if (s->builder == 0)
		build(s, pipe_fd[1], parent);
	close(pipe_fd[1]);
	s->report_fd = pipe_fd[0];
	if (s->builder < 0) {
		close(pipe_fd[0]);
		fail(s, EXIT_LAB, strerror(errno));
		return;
	}
	s->state = STAGE_BUILDING;
}

void stage_finish(struct stage_template *s)
{
	char text[1024];
	ssize_t n, used = 0;
	int status = 0;

	while ((n = read(s->report_fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	text[used] = '\0';
	close(s->report_fd);
	while (waitpid(s->builder, &status, 0) < 0 && errno == EINTR)
		;
	s->builder = 0;
	if (used > 1)
		fail(s, text[0], text + 1);
	else if (status != 0)
		fail(s, EXIT_LAB, "the process that builds the template was ended");
	else
		open_now(s);
}

void stage_close(struct stage_template *s)
{
	if (s->state == STAGE_BUILDING) {
		kill(s->builder, SIGTERM);
		stage_finish(s);
	}
	if (s->state == STAGE_READY)
		template_free(&s->template);
	free(s->why);
	s->why = NULL;
	s->state = STAGE_UNOPENED;
}
