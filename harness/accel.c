#include "accel.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cleanup.h"

const char *accel_name(enum accel accel)
{
	return accel == ACCEL_KVM ? "kvm" : "tcg";
}

int qemu_find(char **path, char **version, struct err **e)
{
	cleanup_free char *found = find_program(QEMU_PROGRAM);
	cleanup_captured struct captured said = {0};
	char *argv[] = {found, "--version", NULL};

	if (!found)
		return err_set(e, 0, QEMU_MISSING);
	if (version) {
		if (capture(argv, 10000, &said, e) < 0)
			return -1;
		if (said.timed_out || said.status != 0)
			return err_set(e, 0,
			               "%s --version fails: apt-get install --reinstall "
			               "qemu-system-x86",
			               found);
		said.out[strcspn(said.out, "\n")] = '\0';
		*version = take_ptr(said.out);
	}
	if (path)
		*path = take_ptr(found);
	return 0;
}

static int choose_kvm(char **why, struct err **e)
{
	struct kvm_answer answer = {0};
	int done = kvm_probe(false, &answer, e);

	if (!done && answer.state != KVM_WORKS)
		done = err_usage(e, "--accel kvm: %s; --accel tcg works everywhere", answer.text);
	else if (!done && why)
		*why = take_ptr(answer.text);
	free(answer.text);
	return done;
}

int accel_choose(const char *wanted, enum accel *out, char **why, struct err **e)
{
	const char *reason = "as asked for";

	if (wanted && !strcmp(wanted, "kvm")) {
		*out = ACCEL_KVM;
		return choose_kvm(why, e);
	}
	if (!wanted || !strcmp(wanted, "auto"))
		reason = "deterministic, so that a verdict replays; kvm is used only if asked for";
	else if (strcmp(wanted, "tcg") != 0)
		return err_usage(e, "--accel %s: not one of auto, tcg, kvm", wanted);
	if (qemu_find(NULL, NULL, e) < 0)
		return -1;
	*out = ACCEL_TCG;
	if (why)
		*why = strdup(reason);
	return 0;
}
