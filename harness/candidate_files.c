#include "candidate_files.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "paths.h"

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int add_file(json_t *files, const char *from, const char *to, struct err **e)
{
	size_t len;
	cleanup_free char *text = read_file(from, &len, e);
	json_t *content = text ? json_stringn(text, len) : NULL;

	if (!text)
		return -1;
	if (!content)
		return err_usage(e, "%s is no text", from);
	json_array_append_new(
	    files, json_pack("{s:s, s:i, s:o}", "path", to, "mode", 0644, "content", content));
	return 0;
}

int candidate_stage_files(const char *name, json_t **files, struct err **e)
{
	cleanup_free char *root = path_home("modules/%s/stage", name);
	char *roots[] = {root, NULL};
	FTSENT *f;
	FTS *tree;
	int status = 0;

	*files = NULL;
	if (access(root, F_OK) < 0)
		return 0;
	tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!tree)
		return err_set(e, errno, "read %s", root);
	*files = json_array();
	while (status == 0 && (f = fts_read(tree)))
		if (f->fts_info == FTS_F)
			status = add_file(*files, f->fts_path, f->fts_path + strlen(root), e);
	fts_close(tree);
	if (status < 0) {
		json_decref(*files);
		*files = NULL;
	}
	return status;
}
