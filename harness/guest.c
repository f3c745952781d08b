#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"
#include "printable.h"
#include "qmp.h"
#include "stop.h"
#include "text.h"

#define LINE_MAX_BYTES (4 << 20)
#define SECOND_NS      1000000000LL

int guest_start(struct guest *g, const struct vm_spec *spec, int wall_s, struct err **e)
{
	void (*on_event)(json_t *, void *) = g->on_event;
	void *arg = g->arg;

	memset(g, 0, sizeof(*g));
	g->on_event = on_event;
	g->arg = arg;
	g->observations = json_object();
	g->faults = json_array();
	SHA256Init(&g->sha);
	if (vm_start(spec, &g->vm, e) < 0)
		return -1;
	fcntl(g->vm.events_fd, F_SETFL, O_NONBLOCK);
	g->console = spec->console;
	g->deadline = g->vm.started_ns + wall_s * SECOND_NS;
	return 0;
}

__attribute__((format(printf, 3, 4))) static void finish(struct guest *g, enum guest_end end,
                                                         const char *fmt, ...)
{
	va_list ap;

	if (g->end != GUEST_RUNS)
		return;
	g->end = end;
	g->end_ns = host_now();
	SHA256End(&g->sha, g->digest);
	if (fmt) {
		va_start(ap, fmt);
		g->why = text_vformat(fmt, ap);
		va_end(ap);
	}
}

static void take_event(struct guest *g, json_t *event)
{
	const char *ev = json_string_value(json_object_get(event, "ev"));
	json_t *t = json_object_get(event, "t");

	if (!ev)
		return;
	if (json_is_integer(t))
		g->virtual_ns = json_integer_value(t);
	if (g->on_event)
		g->on_event(event, g->arg);
	if (!strcmp(ev, "ready")) {
		g->ready = true;
	} else if (!strcmp(ev, "begin")) {
		g->began = true;
	} else if (!strcmp(ev, "obs")) {
		const char *name = json_string_value(json_object_get(event, "name"));

		if (name)
			json_object_set(g->observations, name, json_object_get(event, "value"));
	} else if (!strcmp(ev, "fault")) {
		json_t *text = json_object_get(event, "text");

		json_array_append_new(g->faults, json_is_string(text)
		                                     ? json_incref(text)
		                                     : json_string("a fault without a text"));
	} else if (!strcmp(ev, "end")) {
		const char *status = json_string_value(json_object_get(event, "status"));

		if (!status || strcmp(status, "done") != 0)
			finish(g, GUEST_DEADLINE, "the job's guest time was up");
		else if (json_array_size(g->faults))
			finish(g, GUEST_FAULT, "%s",
			       json_string_value(json_array_get(g->faults, 0)));
		else
			finish(g, GUEST_DONE, NULL);
	}
}

static void take_line(struct guest *g)
{
	json_t *event = json_loadb(g->line, g->line_len, 0, NULL);

	if (json_is_object(event))
		take_event(g, event);
	else
		g->bad_lines++;
	json_decref(event);
	g->line_len = 0;
}

/* Bytes up to a line's end go into the digest before the line is acted on, so that the digest ends
 * with the end event and never with what a killed VM happened to say after it. */
static void take_bytes(struct guest *g, const char *data, size_t len)
{
	while (len > 0 && g->end == GUEST_RUNS) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline ? (size_t)(newline - data) : len;

		if (g->line_len + part > LINE_MAX_BYTES || g->bytes + part > GUEST_BYTES_MAX) {
			finish(g, GUEST_FLOODED, "the guest wrote more than %d MiB of events",
			       GUEST_BYTES_MAX >> 20);
			return;
		}
		g->line = realloc(g->line, g->line_len + part + 1);
		if (!g->line)
			abort();
		memcpy(g->line + g->line_len, data, part);
		g->line_len += part;
		if (newline)
			part++;
		SHA256Update(&g->sha, (const uint8_t *)data, part);
		g->bytes += part;
		data += part;
		len -= part;
		if (newline)
			take_line(g);
	}
}

/* The line of the console that says why the kernel gave up, or NULL. */
static char *find_panic(const char *console)
{
	static const char word[] = "Kernel panic - not syncing: ";
	size_t len;
	cleanup_free char *text = console ? read_file(console, &len, NULL) : NULL;
	char *from = text ? memmem(text, len, word, strlen(word)) : NULL;

	if (!from)
		return NULL;
	from += strlen(word);
	return printable(from, strcspn(from, "\r\n"), NULL);
}

/* With -no-reboot and panic=-1 a guest that panics, resets or powers off makes QEMU exit 0. What
 * reads as a panic may be the module's own words: the guest is dead all the same. */
static void take_death(struct guest *g, const char *shutdown)
{
	cleanup_free char *panic = find_panic(g->console);

	if (panic)
		finish(g, GUEST_DIED, "its kernel panicked: %.200s", panic);
	else if (!strcmp(shutdown, "guest-shutdown"))
		finish(g, GUEST_DIED, "it was powered off from inside");
	else if (!strcmp(shutdown, "guest-reset"))
		finish(g, GUEST_DIED, "it was reset from inside");
	else
		finish(g, GUEST_DIED, "it panicked, was powered off or reset from inside");
}

/* QEMU has ended by itself. */
static void take_exit(struct guest *g)
{
	struct pollfd ended = {.fd = g->vm.pidfd, .events = POLLIN};
	char words[512], shutdown[64] = "";
	int status = 0;

	poll(&ended, 1, 10000); /* its sockets close before it ends */
	qmp_last_shutdown(g->vm.qmp_fd, shutdown, sizeof(shutdown));
	vm_last_words(&g->vm, words, sizeof(words));
	vm_kill(&g->vm, &status);
	if (WIFSIGNALED(status))
		finish(g, GUEST_LAB, "QEMU was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 126)
		finish(g, GUEST_LAB, QEMU_MISSING);
	else if (WEXITSTATUS(status) != 0)
		finish(g, GUEST_LAB, "QEMU ended with status %d: %s", WEXITSTATUS(status),
		       words[0] ? words : "it said nothing");
	else if (!g->began && !g->ready)
		finish(g, GUEST_LAB, "the guest ended before its agent was ready");
	else
		take_death(g, shutdown);
}

static void check_deadline(struct guest *g)
{
	int64_t now = host_now(), cpu;

	if (now < g->deadline)
		return;
	cpu = vm_cpu_ns(&g->vm);
	if (cpu > (now - g->vm.started_ns) / 4)
		finish(g, GUEST_HUNG, "the guest computed for %lld s and did not answer",
		       (long long)(cpu / SECOND_NS));
	else
		finish(g, GUEST_LAB, "the host gave the guest %lld s of processor time in %lld s",
		       (long long)(cpu / SECOND_NS),
		       (long long)((now - g->vm.started_ns) / SECOND_NS));
}

bool guest_read(struct guest *g)
{
	char buf[65536];

	while (g->end == GUEST_RUNS) {
		ssize_t n = read(g->vm.events_fd, buf, sizeof(buf));

		if (n > 0) {
			if (!g->first_ns)
				g->first_ns = host_now();
			take_bytes(g, buf, n);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			check_deadline(g);
			break;
		} else {
			take_exit(g);
		}
	}
	return g->end != GUEST_RUNS;
}

void guest_wait(struct guest *g, bool until_ready)
{
	while (!guest_read(g) && !(until_ready && g->ready)) {
		struct pollfd p[2] = {{.fd = g->vm.events_fd, .events = POLLIN},
		                      {.fd = stop_fd(), .events = POLLIN}};

		if (stop_requested())
			finish(g, GUEST_LAB, "interrupted");
		else
			poll(p, 2, 1000);
	}
}

json_t *guest_observation(const struct guest *g, const char *name)
{
	return json_object_get(g->observations, name);
}

void guest_free(struct guest *g)
{
	if (g->vm.pid || g->vm.started_ns)
		vm_kill(&g->vm, NULL);
	json_decref(g->observations);
	json_decref(g->faults);
	free(g->why);
	free(g->line);
	memset(g, 0, sizeof(*g));
	g->vm = VM_NONE;
}
