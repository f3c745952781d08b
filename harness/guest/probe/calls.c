#include "probe/calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

enum { BOUND_S = 5 }; /* for all calls of a table: each of them answers at once */

static int make_call(const struct call *c, pid_t pid)
{
	errno = 0;
	return c->run(pid) < 0 ? errno : 0;
}

/* The process of their own. TIOCSPGRP from the background would stop it. */
static _Noreturn void make_all(const struct call *calls, size_t n, const struct victim *victims,
                               size_t n_victims, int *answers)
{
	signal(SIGTTOU, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	alarm(BOUND_S);
	for (size_t c = 0; c < n; c++) {
		for (size_t v = 0; v < n_victims; v++)
			*answers++ = make_call(&calls[c], victims[v].pid);
		*answers++ = make_call(&calls[c], NOBODY);
	}
	_exit(0);
}

static const char *error_name(int answer)
{
	return answer ? errno_name(answer) : "ok";
}

static bool is_right(const struct call *c, int answer)
{
	for (size_t i = 0; i < sizeof(c->right) / sizeof(c->right[0]) && c->right[i]; i++)
		if (answer == c->right[i])
			return true;
	return false;
}

static int observe_under(const struct session *s, const char *under, const char *name,
                         json_t *value)
{
	char full[64];

	snprintf(full, sizeof(full), "%s.%s", under, name);
	return observe(s, full, value);
}

static int observe_answers(const struct session *s, const char *under, const struct call *calls,
                           size_t n, const struct victim *victims, size_t n_victims,
                           const int *answers)
{
	json_t *wrong = json_array(), *telling = json_array();

	for (size_t c = 0; c < n; c++, answers += n_victims + 1) {
		bool tells = false;

		for (size_t v = 0; v < n_victims; v++) {
			tells |= answers[v] != answers[n_victims];
			if (!is_right(&calls[c], answers[v]))
				json_array_append_new(
				    wrong, json_sprintf("%s %s: %s", calls[c].name, victims[v].name,
				                        error_name(answers[v])));
		}
		if (tells)
			json_array_append_new(telling, json_string(calls[c].name));
	}
	if (observe_under(s, under, "tried", json_integer((json_int_t)n * (json_int_t)n_victims)) <
	    0) {
		json_decref(wrong);
		json_decref(telling);
		return -1;
	}
	if (observe_under(s, under, "wrong", wrong) < 0) {
		json_decref(telling);
		return -1;
	}
	return observe_under(s, under, "telling", telling);
}

int try_calls(const struct session *s, const char *under, const struct call *calls, size_t n)
{
	cleanup_free struct victim *victims = NULL;
	size_t n_victims = 0, size;
	int *answers, status, rc;
	pid_t pid;

	if (read_victims(s, &victims, &n_victims) < 0)
		return -1;
	size = n * (n_victims + 1) * sizeof(*answers);
	answers = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answers == MAP_FAILED)
		return fault(s, "%s: mmap: %s", under, strerror(errno));
	pid = fork();
	if (pid == 0)
		make_all(calls, n, victims, n_victims, answers);
	status = pid < 0 ? -1 : wait_for(pid);
	if (pid < 0)
		rc = fault(s, "%s: fork: %s", under, strerror(errno));
	else if (status != 0)
		rc = fault(s, "%s: the calls were not all made: wait status %d", under, status);
	else
		rc = observe_answers(s, under, calls, n, victims, n_victims, answers);
	munmap(answers, size);
	return rc;
}
