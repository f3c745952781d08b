/* Without a terminal: commands from standard input, typed when the shell is ready for them. */
#include "forward.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/common/shell_files.h"
#include "stop.h"
#include "terminal.h"

#define READY_NS 120000000000LL
#define TICK_MS  1000

/* What an entry asks before it lets somebody in. */
static const struct answer {
	const char *entry, *question, *answer;
} answers[] = {
    {"sudo", "assword", "carol-pw\n"},        {"sudo-pty", "assword", "dave-pw\n"},
    {"sshd-kbdint", "assword", "alice-pw\n"}, {"login", "login:", "alice\n"},
    {"login", "assword", "alice-pw\n"},
};
#define ANSWERS (sizeof(answers) / sizeof(*answers))

struct feed {
	struct guest *g;
	const char *entry;
	bool ready, closed;
	bool ended; /* standard input */
	char last;  /* byte of it */
	bool answered[ANSWERS];
	char text[4096]; /* before the shell: from the last question on */
	size_t n_text, shown;
	char keys[4096]; /* for the guest */
	size_t n_keys;
};

static void type(struct feed *f, const char *keys)
{
	size_t n = strlen(keys);

	if (f->n_keys + n > sizeof(f->keys))
		return;
	memcpy(f->keys + f->n_keys, keys, n);
	f->n_keys += n;
}

/* How many of the last bytes may be the beginning of the word that says the shell is there. */
static size_t held_back(const struct feed *f)
{
	size_t n = sizeof(SHELL_READY) - 2;

	for (; n > 0; n--)
		if (n <= f->n_text && !memcmp(f->text + f->n_text - n, SHELL_READY, n))
			break;
	return n;
}

static void answer(struct feed *f)
{
	for (size_t i = 0; i < ANSWERS; i++) {
		const struct answer *a = &answers[i];
		const char *at;

		if (f->answered[i] || strcmp(a->entry, f->entry) != 0)
			continue;
		at = memmem(f->text, f->n_text, a->question, strlen(a->question));
		/* The question is over when it ends in ": " (a name in it comes before). */
		if (!at || f->n_text < 2 || memcmp(f->text + f->n_text - 2, ": ", 2) != 0)
			continue;
		f->answered[i] = true;
		type(f, a->answer);
		return;
	}
}

static int show_prelude(struct feed *f, size_t until, struct err **e)
{
	int status = terminal_write(STDERR_FILENO, f->text + f->shown, until - f->shown, e);

	f->shown = until;
	return status;
}

static int take_prelude(struct feed *f, const char *data, size_t len, struct err **e)
{
	const size_t n = sizeof(SHELL_READY) - 1;
	const char *at;

	if (f->n_text + len > sizeof(f->text)) { /* keeps what may be the beginning of a word */
		size_t keep = f->n_text < 64 ? f->n_text : 64;

		memmove(f->text, f->text + f->n_text - keep, keep);
		f->shown = f->shown + keep > f->n_text ? f->shown + keep - f->n_text : 0;
		f->n_text = keep;
	}
	memcpy(f->text + f->n_text, data, len);
	f->n_text += len;
	at = memmem(f->text, f->n_text, SHELL_READY, n);
	if (at) {
		size_t until = at - f->text;

		f->ready = true;
		if (show_prelude(f, until, e) < 0)
			return -1;
		return terminal_write(STDOUT_FILENO, at + n, f->n_text - until - n, e);
	}
	answer(f);
	return show_prelude(f, f->n_text - held_back(f), e);
}

/* 1 if the guest said something, 0 if not. */
static int show(struct feed *f, struct err **e)
{
	char data[2048];
	ssize_t n = recv(f->g->vm.term_fd[0], data, sizeof(data), MSG_DONTWAIT);
	int status;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		f->closed = true;
		return 0;
	}
	status = f->ready ? terminal_write(STDOUT_FILENO, data, n, e) : take_prelude(f, data, n, e);
	return status < 0 ? -1 : 1;
}

static int take_input(struct feed *f, struct err **e)
{
	ssize_t n = read(STDIN_FILENO, f->keys, sizeof(f->keys) - 2);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_set(e, errno, "read standard input");
	if (n > 0) {
		f->n_keys = n;
		f->last = f->keys[n - 1];
		return 0;
	}
	f->ended = true;
	/* ^D ends a line that it does not stand at the beginning of. */
	type(f, f->last && f->last != '\n' ? "\n\004" : "\004");
	return 0;
}

static void pass_keys(struct feed *f)
{
	ssize_t n = f->n_keys
	                ? send(f->g->vm.term_fd[0], f->keys, f->n_keys, MSG_DONTWAIT | MSG_NOSIGNAL)
	                : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = f->n_keys;
	if (n > 0) {
		f->n_keys -= n;
		memmove(f->keys, f->keys + n, f->n_keys);
	}
}

static int wait_for_something(const struct feed *f, short *output, short *input)
{
	bool reads = f->ready && !f->ended && !f->n_keys;
	struct pollfd p[] = {
	    {.fd = f->closed ? -1 : f->g->vm.term_fd[0],
	     .events = POLLIN | (f->n_keys ? POLLOUT : 0)},
	    {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN},
	    {.fd = f->g->vm.events_fd, .events = POLLIN},
	    {.fd = stop_fd(), .events = POLLIN},
	};
	int n = poll(p, sizeof(p) / sizeof(*p), TICK_MS);

	*output = n > 0 ? p[0].revents & (POLLIN | POLLHUP) : 0;
	*input = n > 0 ? p[1].revents : 0;
	return n;
}

int forward_pipe(struct guest *g, const char *entry, struct err **e)
{
	struct feed f = {.g = g, .entry = entry};
	int64_t until = host_now() + READY_NS;

	while (!guest_read(g)) {
		short output, input;
		int n = wait_for_something(&f, &output, &input);

		if (stop_requested())
			return err_set(e, 0, "interrupted");
		if (!f.ready && host_now() > until)
			return err_set(e, 0, "no shell within %lld s", READY_NS / 1000000000);
		/* What the shell started may have taken the end of input for its own. */
		if (n == 0 && f.ended && !f.n_keys)
			type(&f, "\004");
		pass_keys(&f);
		if ((output && show(&f, e) < 0) || (input && take_input(&f, e) < 0))
			return -1;
	}
	for (int more; (more = show(&f, e)) != 0;)
		if (more < 0)
			return -1;
	return f.ready ? 0 : show_prelude(&f, f.n_text, e);
}
