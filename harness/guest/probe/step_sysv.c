/* The victims' shared memory, semaphores and message queues of System V. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "cleanup.h"
#include "common/procfs.h"
#include "probe/ask.h"
#include "probe/probe.h"

/* The pids that an object tells, or -1: it cannot be looked at. */
static int shm_pids(int id, pid_t pids[2])
{
	struct shmid_ds ds;

	if (shmctl(id, IPC_STAT, &ds) < 0)
		return -1;
	pids[0] = ds.shm_cpid;
	pids[1] = ds.shm_lpid;
	return 0;
}

static int sem_pids(int id, pid_t pids[2])
{
	pids[0] = semctl(id, 0, GETPID);
	pids[1] = 0;
	return pids[0] < 0 ? -1 : 0;
}

static int msg_pids(int id, pid_t pids[2])
{
	struct msqid_ds ds;

	if (msgctl(id, IPC_STAT, &ds) < 0)
		return -1;
	pids[0] = ds.msg_lspid;
	pids[1] = ds.msg_lrpid;
	return 0;
}

static const struct {
	const char *name;
	int (*pids)(int id, pid_t pids[2]);
} kinds[] = {{"shm", shm_pids}, {"sem", sem_pids}, {"msg", msg_pids}};

/* The same objects in /proc/sysvipc (sysvipc(5) has the columns; those of semaphores have no pid).
 */
static const struct {
	const char *name, *path, *columns;
} tables[] = {
    {"shm", "/proc/sysvipc/shm", "%*d %ld %*o %*u %d %d"},
    {"msg", "/proc/sysvipc/msg", "%*d %ld %*o %*u %*u %d %d"},
};

static void look_up(const struct victim *v, size_t table, const char *text, json_t *listed,
                    json_t *told)
{
	long wanted = victim_number(v->name, tables[table].name), id;
	int pids[2];

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, tables[table].columns, &id, &pids[0], &pids[1]) != 3 ||
		    id != wanted)
			continue;
		add_text(listed, "%s %s", tables[table].name, v->name);
		if (pids[0] || pids[1])
			add_text(told, "%s %s: %d", tables[table].name, v->name,
			         pids[0] ? pids[0] : pids[1]);
	}
}

static int look_into_tables(const struct session *s, const struct victim *victims, size_t n)
{
	json_t *listed = json_array(), *told = json_array();

	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		cleanup_free char *text = procfs_file_at(AT_FDCWD, tables[t].path, NULL);

		for (size_t i = 0; i < n; i++)
			look_up(&victims[i], t, text, listed, told);
	}
	return observe(s, "sysv.listed", listed) | observe(s, "sysv.listed_pids", told);
}

static bool has_secret(const struct victim *v)
{
	const char *memory = shmat((int)victim_number(v->name, "shm"), NULL, SHM_RDONLY);
	bool found;

	if (memory == (const char *)-1)
		return false;
	found = strncmp(memory, v->secret, sizeof(v->secret)) == 0;
	shmdt(memory);
	return found;
}

int step_sysv(struct session *s, long number)
{
	json_t *found = json_array(), *told = json_array(), *content = json_array();
	cleanup_free struct victim *victims = NULL;
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0 || look_into_tables(s, victims, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *name = victims[i].name;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			pid_t pids[2];
			long id = victim_number(name, kinds[k].name);

			if (id < 0 || kinds[k].pids((int)id, pids) < 0)
				continue;
			add_text(found, "%s %s", kinds[k].name, name);
			if (pids[0] || pids[1])
				add_text(told, "%s %s: %d", kinds[k].name, name,
				         pids[0] ? pids[0] : pids[1]);
		}
		/* Last: to attach it makes this process the last that did. */
		if (has_secret(&victims[i]))
			add_text(content, "%s", name);
	}
	return observe(s, "sysv.found", found) | observe(s, "sysv.pids", told) |
	       observe(s, "sysv.content", content);
}
