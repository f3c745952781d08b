/* pam_mark PLACE: notes when a PAM stack came to this place, and by which call. `pamlab bench` puts
 * it around the parts of the stacks (harness/stack_marks.c); no other stage has it.
 *
 * It takes the time first and last, so that what it does itself lies between the two and can be
 * left out. It answers PAM_IGNORE, which no stack takes for an answer, and fails in silence: a
 * login without times is found out by who reads them. */
#include <security/pam_modules.h>
#include <string.h>

#include "common/case_files.h"
#include "common/marks.h"

#define EXPORT PAM_EXTERN __attribute__((visibility("default")))

static const char *const places[MARK_PLACES] = {
    [MARK_BEGIN] = "begin",
    [MARK_BEFORE] = "before",
    [MARK_AFTER] = "after",
    [MARK_END] = "end",
};

/* Mapped once for each process, and never unmapped: the file is opened by its name, and the program
 * that logs in may leave the namespace or the root in which the name is right. */
static struct marks *shared(void)
{
	static struct marks *m;

	if (!m)
		m = marks_map(CASE_MARKS);
	return m;
}

static int mark(enum mark_call call, int argc, const char **argv)
{
	uint64_t enter = marks_now(), i;
	struct marks *m = shared();
	uint32_t place = 0;

	if (!m || argc < 1)
		return PAM_IGNORE;
	while (place < MARK_PLACES && strcmp(places[place], argv[0]) != 0)
		place++;
	i = __atomic_fetch_add(&m->n_points, 1, __ATOMIC_SEQ_CST);
	if (place == MARK_PLACES || i >= MARK_POINTS)
		return PAM_IGNORE;
	m->points[i].enter = enter;
	m->points[i].call = call;
	m->points[i].place = place;
	m->points[i].leave = marks_now();
	return PAM_IGNORE;
}

EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags;
	return mark(MARK_AUTH, argc, argv);
}

EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags;
	return mark(MARK_SETCRED, argc, argv);
}

EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags;
	return mark(MARK_ACCOUNT, argc, argv);
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags;
	return mark(MARK_OPEN, argc, argv);
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags;
	return mark(MARK_CLOSE, argc, argv);
}
