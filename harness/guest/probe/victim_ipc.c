/* What a victim holds in the IPC namespace, and of the kernel's keys and futexes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe/probe.h"
#include "probe/victim.h"

/* Readable by all, so that it is the namespace that has to hide the pids in them. */
#define SYSV_MODE 0644

int hold_sysv(struct holder *h)
{
	struct {
		long type;
		char text[8];
	} message = {1, "hello"};
	int shm = shmget(IPC_PRIVATE, 4096, SYSV_MODE), sem = semget(IPC_PRIVATE, 1, SYSV_MODE);
	int msg = msgget(IPC_PRIVATE, SYSV_MODE);
	struct sembuf up = {.sem_op = 1};
	char *memory = shmat(shm, NULL, 0);

	if (shm < 0 || sem < 0 || msg < 0 || memory == (char *)-1 || semop(sem, &up, 1) < 0 ||
	    msgsnd(msg, &message, sizeof(message.text), IPC_NOWAIT) < 0)
		return -1;
	memcpy(memory, h->secret, strlen(h->secret) + 1);
	hold_fact(h, "shm", "%d", shm);
	hold_fact(h, "sem", "%d", sem);
	hold_fact(h, "msg", "%d", msg);
	return 0;
}

int hold_mqueue(struct holder *h)
{
	struct sigevent tell = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct mq_attr size = {.mq_maxmsg = 1, .mq_msgsize = 16};
	char name[32];
	mqd_t q;

	snprintf(name, sizeof(name), "/pamlab-%s", h->name);
	q = mq_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644, &size);
	if (q == (mqd_t)-1 || mq_notify(q, &tell) < 0)
		return -1;
	hold_fact(h, "mqueue", "%s", name);
	return 0;
}

int hold_key(struct holder *h)
{
	char name[32];
	long key;

	snprintf(name, sizeof(name), "pamlab-%s", h->name);
	key =
	    syscall(SYS_add_key, "user", name, h->secret, strlen(h->secret), KEY_SPEC_USER_KEYRING);
	if (key < 0)
		return -1;
	hold_fact(h, "key", "%ld", key);
	return 0;
}

/* A mutex in a file, owned by this thread: as glibc's robust mutexes with priority inheritance, the
 * word holds the owner's tid (futex(2)). */
int hold_futex(struct holder *h)
{
	static struct robust_list_head robust;
	cleanup_close int fd = hold_file(h, "futex", 0666);
	unsigned *word;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -1;
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (word == MAP_FAILED)
		return -1;
	*word = 0;
	if (syscall(SYS_futex, word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) < 0)
		return -1;
	robust.list.next = &robust.list;
	return (int)syscall(SYS_set_robust_list, &robust, sizeof(robust));
}
