/* A QEMU that runs: let go, saved, ended. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "qmp.h"

void vm_last_words(const struct vm *vm, char *words, size_t size)
{
	ssize_t n = vm->errors_fd < 0 ? 0 : pread(vm->errors_fd, words, size - 1, 0);
	char *newline;

	words[n > 0 ? n : 0] = '\0';
	while ((newline = strrchr(words, '\n')) && !newline[1])
		*newline = '\0';
	newline = strrchr(words, '\n');
	if (newline)
		memmove(words, newline + 1, strlen(newline));
}

static int ready_qmp(struct vm *vm, struct err **e)
{
	char words[512];
	int status = 0;

	if (vm->qmp_ready)
		return 0;
	if (vm->incoming ? qmp_skip(vm->qmp_fd, 3, 30000, e) == 0
	                 : qmp_open(vm->qmp_fd, 30000, e) == 0) {
		vm->qmp_ready = true;
		return 0;
	}
	/* It said no word here: most often it did not start. */
	vm_last_words(vm, words, sizeof(words));
	vm_kill(vm, &status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		return err_set(e, 0, QEMU_MISSING);
	return words[0] ? err_set(e, 0, "%s", words) : err_wrap(e, "start QEMU");
}

int vm_continue(struct vm *vm, struct err **e)
{
	if (ready_qmp(vm, e) < 0)
		return -1;
	return qmp_command(vm->qmp_fd, "cont", NULL, -1, 30000, NULL, e);
}

int vm_save(struct vm *vm, const char *state, struct err **e)
{
	cleanup_close int fd = open(state, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, errno, "create %s", state);
	if (ready_qmp(vm, e) < 0)
		return -1;
	if (!vm->incoming &&
	    send(vm->qmp_fd, QMP_IGNORE_SHARED, strlen(QMP_IGNORE_SHARED), 0) > 0 &&
	    qmp_skip(vm->qmp_fd, 1, 30000, e) < 0)
		return -1;
	return qmp_save(vm->qmp_fd, fd, e);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vm_kill(struct vm *vm, int *status)
{
	int ignored;

	if (vm->pid > 0) {
		kill(vm->pid, SIGKILL);
		while (waitpid(vm->pid, status ? status : &ignored, 0) < 0 && errno == EINTR)
			;
		vm->pid = -1;
	}
	close_fd(&vm->pidfd);
	close_fd(&vm->qmp_fd);
	close_fd(&vm->events_fd);
	close_fd(&vm->copies_fd);
	close_fd(&vm->errors_fd);
	close_fd(&vm->term_fd[0]);
	close_fd(&vm->term_fd[1]);
}
