/* pamlab bench-lab: what the lab itself costs, on this machine, now. Nothing here judges a module,
 * and no test depends on it. */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_lab.h"
#include "cleanup.h"
#include "lab.h"
#include "runner.h"
#include "stop.h"
#include "verbs.h"

#define CLONES      31  /* for medians */
#define BURST       60  /* VMs, for the rate */
#define ALIVE       64  /* VMs at the same time */
#define REPETITIONS 100 /* of one case */
#define LOGINS      11  /* for medians */
#define SECOND_NS   1e9

static const char usage[] =
    "usage: pamlab bench-lab [--quick]\n"
    "\n"
    "Measures the lab: clones, memory, determinism under load, two runs of one module. Takes\n"
    "some minutes; --quick leaves the runs and most repetitions out.\n";

struct bench {
	struct lab lab;
	struct candidate candidate;
	struct stage_template stage;
	int cpus;
	bool quick;
};

static const char ping_job[] = "{\"id\": \"bench\", \"job\": \"ping\"}";

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void row(const char *what, const char *measured, const char *target, bool reached)
{
	printf("%-52s %-24s %-20s %s\n", what, measured, target, reached ? "yes" : "NO");
	fflush(stdout);
}

__attribute__((format(printf, 1, 2))) static char *text(const char *fmt, ...)
{
	static char buffers[4][96];
	static int next;
	char *to = buffers[next++ % 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, sizeof(buffers[0]), fmt, ap);
	va_end(ap);
	return to;
}

static int start_ping(const struct bench *b, struct guest *g, bool paused, struct err **e)
{
	struct vm_spec spec = {0};

	template_clone_spec(&b->stage.template, &spec);
	spec.job = ping_job;
	spec.paused = paused;
	return guest_start(g, &spec, 120, e);
}

/* Fork of QEMU to the job's end; one after the other. */
static int measure_latency(const struct bench *b, double *seconds, struct err **e)
{
	double v[CLONES];

	for (int i = 0; i < CLONES; i++) {
		cleanup_guest struct guest g = {.vm = VM_NONE};

		if (start_ping(b, &g, false, e) < 0)
			return -1;
		guest_wait(&g, false);
		if (g.end != GUEST_DONE)
			return err_set(e, 0, "a clone did not answer: %s", g.why);
		v[i] = (double)(g.end_ns - g.vm.started_ns) / SECOND_NS;
	}
	*seconds = median(v, CLONES);
	return 0;
}

static int measure_boot(const struct bench *b, double *seconds, struct err **e)
{
	int64_t since = host_now();

	if (template_boot_again(&b->lab.base, e) < 0)
		return -1;
	*seconds = (double)(host_now() - since) / SECOND_NS;
	return 0;
}

static void ignore_end(struct run *r, void *arg)
{
	unsigned *failed = arg;

	*failed += r->end != GUEST_DONE;
}

/* Runs n guests with the same job, as many at a time as there are slots: copies of a machine that
 * is warmed up by that entry, or, with NULL, clones. */
static int run_many(struct bench *b, const char *job, const char *warm, size_t n, int slots,
                    struct run *runs, struct err **e)
{
	cleanup_free struct run **list = calloc(n, sizeof(*list));
	unsigned failed = 0;
	struct runner runner = {
	    .runs = list,
	    .n = n,
	    .slots = slots,
	    .wall_s = 240,
	    .on_end = ignore_end,
	    .arg = &failed,
	};

	if (!list)
		abort();
	for (size_t i = 0; i < n; i++) {
		runs[i] = (struct run){
		    .stage = &b->stage,
		    .job = json_loads(job, 0, NULL),
		    .id = strdup("bench"),
		    .warm = warm,
		};
		list[i] = &runs[i];
	}
	if (runner_run(&runner, e) < 0)
		return stop_requested() ? err_set(e, 0, "interrupted") : -1;
	return failed ? err_set(e, 0, "%u of %zu guests failed", failed, n) : 0;
}

static void free_runs(struct run *runs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_free(&runs[i]);
}

static int measure_rate(struct bench *b, double *per_second, struct err **e)
{
	struct run runs[BURST] = {0};
	int64_t since = host_now();
	int status = run_many(b, ping_job, NULL, BURST, b->cpus, runs, e);

	*per_second = BURST / ((double)(host_now() - since) / SECOND_NS);
	free_runs(runs, BURST);
	return status;
}

static const char su_job[] =
    "{\"id\": \"bench\", \"job\": \"case\", \"entry\": \"su\", \"steps\": [\"list\", \"exit 7\"],"
    " \"observe\": [\"host.after.new_processes\"], \"settle_ns\": 100000000}";

/* The median time of a login through su, one after the other. */
static int measure_login(struct bench *b, const char *warm, double *seconds, struct err **e)
{
	struct run runs[LOGINS] = {0};
	int status = run_many(b, su_job, warm, LOGINS, 1, runs, e);
	double v[LOGINS];

	for (int i = 0; i < LOGINS; i++)
		v[i] = (double)runs[i].wall_ms / 1000;
	*seconds = median(v, LOGINS);
	free_runs(runs, LOGINS);
	return status;
}

static int measure_memory(struct bench *b, double *mb, struct err **e)
{
	cleanup_guest struct guest g = {.vm = VM_NONE};
	struct vm_spec spec = {0};

	template_clone_spec(&b->stage.template, &spec);
	spec.job = su_job;
	if (guest_start(&g, &spec, 120, e) < 0)
		return -1;
	guest_wait(&g, false);
	if (g.end != GUEST_DONE)
		return err_set(e, 0, "the clone did not finish: %s", g.why);
	*mb = (double)vm_private_kb(&g.vm) / 1024;
	return 0;
}

/* All are started and held, then all let go: each has to answer while all others are there. */
static int measure_alive(const struct bench *b, int *answered, double *mb, struct err **e)
{
	struct guest g[ALIVE];
	int status = 0, n = 0;

	*answered = 0;
	*mb = 0;
	for (int i = 0; i < ALIVE; i++)
		g[i] = (struct guest){.vm = VM_NONE};
	while (status == 0 && n < ALIVE)
		status = start_ping(b, &g[n++], true, e);
	for (int i = 0; status == 0 && i < n; i++)
		status = vm_continue(&g[i].vm, e);
	for (int i = 0; status == 0 && i < n; i++) {
		guest_wait(&g[i], false);
		*answered += g[i].end == GUEST_DONE;
	}
	for (int i = 0; i < n; i++) {
		*mb += (double)vm_private_kb(&g[i].vm) / 1024;
		guest_free(&g[i]);
	}
	return status;
}

static pid_t start_burner(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (volatile unsigned long n = 0;; n++)
		;
}

static int measure_digests(struct bench *b, size_t n, size_t *same, struct err **e)
{
	struct run runs[REPETITIONS] = {0};
	pid_t burners[64];
	int status, n_burners = b->cpus < 64 ? b->cpus : 64;

	status = run_many(b, su_job, "su", n / 2, b->cpus, runs, e);
	for (int i = 0; i < n_burners; i++)
		burners[i] = start_burner();
	if (status == 0)
		status = run_many(b, su_job, "su", n - n / 2, b->cpus, runs + n / 2, e);
	for (int i = 0; i < n_burners; i++) {
		kill(burners[i], SIGKILL);
		waitpid(burners[i], NULL, 0);
	}
	*same = 0;
	for (size_t i = 0; i < n; i++)
		*same += !strcmp(runs[i].digest, runs[0].digest);
	free_runs(runs, n);
	return status;
}

static int measure(struct bench *b, struct err **e)
{
	double boot = 0, clone = 1, rate = 0, mb = 0, alive_mb = 0, run = 0, cold = 0, warm = 1;
	size_t same = 0, n = b->quick ? 10 : REPETITIONS;
	int answered = 0;

	printf("%-52s %-24s %-20s %s\n", "what", "measured", "target", "reached");
	if (measure_latency(b, &clone, e) < 0 || measure_boot(b, &boot, e) < 0)
		return -1;
	row("clone to first job answered, median", text("%.0f ms", clone * 1000), "at most 100 ms",
	    clone <= 0.1);
	row("boot of the same image to the same point", text("%.1f s", boot), "", true);
	row("a boot costs as much as", text("%.0f clones", boot / clone), "at least 50",
	    boot / clone >= 50);
	if (measure_rate(b, &rate, e) < 0)
		return -1;
	row(text("fresh VMs a second, trivial job, %d at a time", b->cpus), text("%.1f", rate),
	    "at least 10", rate >= 10);
	if (measure_login(b, NULL, &cold, e) < 0 || measure_login(b, "su", &warm, e) < 0)
		return -1;
	row("a case through su, in a clone", text("%.0f ms", cold * 1000), "", true);
	row("the same in a copy of a warm machine",
	    text("%.0f ms, 1 to %.1f", warm * 1000, cold / warm), "", true);
	if (measure_memory(b, &mb, e) < 0)
		return -1;
	row("private memory of a clone that ran su", text("%.0f MB", mb), "at most 80 MB",
	    mb <= 80);
	if (measure_alive(b, &answered, &alive_mb, e) < 0)
		return -1;
	row("clones alive at once, all answering",
	    text("%d of %d (%.1f GB)", answered, ALIVE, alive_mb / 1024), "64", answered == ALIVE);
	if (measure_digests(b, n, &same, e) < 0)
		return -1;
	row("one case repeated, host loaded in half of them",
	    text("%zu of %zu same digest", same, n), "all", same == n);
	if (b->quick)
		return 0;
	if (bench_lab_basic(b->cpus, &run, e) < 0)
		return -1;
	row(BENCH_LAB_BASIC ", " MODULE ", warm", text("%.0f s", run), "at most 60 s", run <= 60);
	if (bench_lab_must(b->cpus, &run, e) < 0)
		return -1;
	row("all must scenarios, all entries, " MODULE ", warm", text("%.0f s", run),
	    "at most 120 s", run <= 120);
	return 0;
}

static int prepare(struct bench *b, struct err **e)
{
	struct lab_options o = {0};

	if (lab_open(&o, &b->lab, e) < 0 ||
	    candidate_open(MODULE, NULL, false, NULL, &b->lab.image, &b->candidate, e) < 0)
		return -1;
	b->stage.base = &b->lab.base;
	b->stage.candidate = &b->candidate;
	stage_open(&b->stage);
	if (b->stage.state == STAGE_BUILDING)
		stage_finish(&b->stage);
	if (b->stage.state != STAGE_READY)
		return err_set(e, 0, "%s", b->stage.why);
	return 0;
}

int cmd_bench_lab(int argc, char **argv)
{
	struct bench b = {.lab = {.base = {.entry = STORE_NONE}}};
	struct err *e = NULL;
	int status;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return EXIT_HOLDS;
	}
	b.quick = argc == 2 && !strcmp(argv[1], "--quick");
	if (argc > 1 && !b.quick) {
		err_usage(&e, "bench-lab takes --quick or nothing: pamlab bench-lab --help");
		return (int)err_report(&e);
	}
	stop_install();
	b.cpus = sysconf(_SC_NPROCESSORS_ONLN);
	status = prepare(&b, &e);
	if (status == 0)
		status = measure(&b, &e);
	stage_close(&b.stage);
	candidate_close(&b.candidate);
	lab_close(&b.lab);
	return status < 0 ? (int)err_report(&e) : EXIT_HOLDS;
}
