/* The initial namespace's mount table, as a set of lines that can be compared. */
#ifndef PAMLAB_AGENT_MOUNTS_H
#define PAMLAB_AGENT_MOUNTS_H

#include <jansson.h>
#include <stddef.h>

struct mount_list {
	char **lines; /* sorted; mountinfo without what changes by itself: mount, parent and peer
	               * group numbers (proc_pid_mountinfo(5)) */
	size_t n;
};

void mounts_read(struct mount_list *list);
void mounts_free(struct mount_list *list);

/* The lines of a that b lacks, each as often as it lacks them. */
json_t *mounts_difference(const struct mount_list *a, const struct mount_list *b);

#endif
