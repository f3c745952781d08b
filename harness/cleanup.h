/* Scope-bound ownership. A variable declared with one of these releases what it holds when it goes
 * out of scope; ownership leaves by setting it to NULL or -1 (see take_ptr, take_fd). */
#ifndef PAMLAB_CLEANUP_H
#define PAMLAB_CLEANUP_H

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_fn(void *p)
{
	free(*(void **)p);
}
static inline void cleanup_close_fn(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void cleanup_file_fn(FILE **f)
{
	if (*f)
		fclose(*f);
}
static inline void cleanup_dir_fn(DIR **d)
{
	if (*d)
		closedir(*d);
}
static inline void cleanup_json_fn(json_t **j)
{
	json_decref(*j);
}

#define cleanup_free  __attribute__((cleanup(cleanup_free_fn)))
#define cleanup_close __attribute__((cleanup(cleanup_close_fn)))
#define cleanup_file  __attribute__((cleanup(cleanup_file_fn)))
#define cleanup_dir   __attribute__((cleanup(cleanup_dir_fn)))
#define cleanup_json  __attribute__((cleanup(cleanup_json_fn)))

/* Hands ownership on: yields the value and empties the variable. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
