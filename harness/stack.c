#include "stack.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "paths.h"
#include "suggest.h"
#include "text.h"

/* What a stack has in place of the candidate; the second stands for it where the rest of the stack
 * must not be run if it fails. */
static const char *const marks[] = {"@CANDIDATE@", "@REQUISITE@"};

extern char **environ;

const char *const stack_positions[] = {"last", "first", "before-loginuid", "before-common", NULL};

/* PAM reads a line of pam.d into a buffer of 1024 bytes (BUF_SIZE in libpam/pam_private.h). */
enum { LONGEST_LINE = 1000 };

/* --- what the user gives -----------------------------------------------------------------------
 */

/* libpam ends a line at the first '#', even in brackets, and joins it to the next one after a
 * backslash (_pam_assemble_line in libpam/pam_misc.c). */
static int check_text(const char *what, const char *text, struct err **e)
{
	size_t len = strlen(text);

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' && *p != '\t')
			return err_usage(e, "%s: PAM cannot pass a line break or control character",
			                 what);
		if (*p == '#')
			return err_usage(e, "%s '%s': PAM takes everything from '#' for a comment",
			                 what, text);
	}
	if (len && text[len - 1] == '\\')
		return err_usage(e, "%s '%s': PAM would join the next line at the backslash", what,
		                 text);
	if (len > LONGEST_LINE)
		return err_usage(e, "%s: longer than the %d characters that PAM reads", what,
		                 LONGEST_LINE);
	return 0;
}

/* A word that begins with '[' goes to the next ']' without a backslash before it. */
static int check_brackets(const char *args, struct err **e)
{
	const char *p = args;

	for (;;) {
		p += strspn(p, " \t");
		if (!*p)
			return 0;
		if (*p != '[') {
			p += strcspn(p, " \t");
			continue;
		}
		for (p++; *p && *p != ']'; p++)
			p += p[0] == '\\' && p[1] == ']';
		if (!*p)
			return err_usage(e, "module arguments '%s': '[' without ']'", args);
		p++;
	}
}

static int check_control(const char *control, struct err **e)
{
	static const char *const words[] = {"required", "requisite", "sufficient", "optional",
	                                    NULL};
	size_t len = strlen(control);
	const char *near;

	if (check_text("PAM control", control, e) < 0)
		return -1;
	if (control[0] == '[' && len > 2 && strcspn(control, "]#\n\\") == len - 1)
		return 0;
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(control, words[i]) == 0)
			return 0;
	}
	near = suggest(control, words);
	return err_usage(e,
	                 "PAM control '%s': required, requisite, sufficient, optional or [...]%s%s",
	                 control, near ? "; perhaps " : "", near ? near : "");
}

static int check_module(const char *file, struct err **e)
{
	if (check_text("module", file, e) < 0)
		return -1;
	if (!*file || strpbrk(file, " \t[]\\"))
		return err_usage(e, "module '%s': not a file name that a PAM stack can hold", file);
	return 0;
}

static int check_position(const char *position, struct err **e)
{
	const char *near;

	for (size_t i = 0; stack_positions[i]; i++) {
		if (strcmp(position, stack_positions[i]) == 0)
			return 0;
	}
	near = suggest(position, stack_positions);
	if (near)
		return err_usage(e, "unknown position '%s': did you mean '%s'?", position, near);
	return err_usage(e, "unknown position '%s': last, first, before-loginuid or before-common",
	                 position);
}

/* --- expansion ---------------------------------------------------------------------------------
 */

static char *slurp(int fd)
{
	FILE *f = fdopen(fd, "r");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		abort();
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(f);
	return text;
}

/* Only names of this file reach cpp: never a word of the user's. */
static char *run_cpp(const char *position, struct err **e)
{
	cleanup_free char *source = path_home("images/pam/stacks.pam");
	cleanup_free char *text = NULL, *define = NULL;
	posix_spawn_file_actions_t actions;
	int ends[2], r, status;
	pid_t pid;

	define = text_format("-DPOSITION=POSITION_%s", position);
	for (char *p = define + 2; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_set(e, errno, "pipe");
		return NULL;
	}
	char *argv[] = {"cpp", "-P", "-undef", "-nostdinc", define, source, NULL};
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	r = posix_spawnp(&pid, "cpp", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	text = slurp(ends[0]);
	if (r != 0) {
		err_set(e, r, "cpp (of Debian's package cpp), which expands the PAM stacks");
		return NULL;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0) {
		err_set(e, 0, "cpp could not expand %s (its words are above)", source);
		return NULL;
	}
	return take_ptr(text);
}

/* What stands at the candidate's place: lines before it, itself (or nothing), lines after it. */
struct place {
	const char *before, *after;
	const char *control, *module; /* module and arguments; NULL: nothing */
};

/* Adds a line, with the candidate and its companions in place of its mark. */
static void put_line(FILE *out, const char *line, const struct place *p)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *mark = strstr(line, marks[i]);

		if (!mark)
			continue;
		fputs(p->before, out);
		if (p->module)
			fprintf(out, "%.*s%s %s%s\n", (int)(mark - line), line,
			        i ? "requisite" : p->control, p->module, mark + strlen(marks[i]));
		fputs(p->after, out);
		return;
	}
	if (*line)
		fprintf(out, "%s\n", line);
}

struct pam_file {
	char *path, *content;
	size_t len;
	FILE *out;
};

static void finish_file(struct pam_file *f, json_t *files)
{
	if (!f->out)
		return;
	fclose(f->out);
	json_array_append_new(files, json_pack("{s:s, s:i, s:s}", "path", f->path, "mode", 0644,
	                                       "content", f->content));
	free(f->path);
	free(f->content);
	memset(f, 0, sizeof(*f));
}

static json_t *cut_files(char *text, const struct place *place)
{
	json_t *files = json_array();
	struct pam_file f = {0};

	for (char *line; (line = strsep(&text, "\n"));) {
		line += strspn(line, " \t");
		if (strncmp(line, "@file ", 6) == 0) {
			finish_file(&f, files);
			f.path = text_format("/etc/pam.d/%s", line + 6);
			f.out = open_memstream(&f.content, &f.len);
			if (!f.out)
				abort();
		} else if (f.out) {
			put_line(f.out, line, place);
		}
	}
	finish_file(&f, files);
	return files;
}

json_t *stack_expand(const char *control, const char *module_file, const char *args,
                     const char *position, struct err **e)
{
	return stack_expand_between(control, module_file, args, module_file ? position : NULL, "",
	                            "", e);
}

json_t *stack_expand_between(const char *control, const char *module_file, const char *args,
                             const char *position, const char *before, const char *after,
                             struct err **e)
{
	cleanup_free char *line = NULL, *text = NULL;
	const char *module = NULL;

	control = control ? control : "required";
	args = args ? args : "";
	position = position ? position : "last";
	if (module_file) {
		if (check_control(control, e) < 0 || check_module(module_file, e) < 0 ||
		    check_text("module arguments", args, e) < 0 || check_brackets(args, e) < 0 ||
		    check_position(position, e) < 0)
			return NULL;
		line = text_format("%s %s%s%s", control, module_file, *args ? " " : "", args);
		if (check_text("PAM line", line, e) < 0)
			return NULL;
		module = line + strlen(control) + 1;
	}
	text = run_cpp(position, e);
	return text ? cut_files(text, &(struct place){before, after, control, module}) : NULL;
}
