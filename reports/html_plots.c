/* Plots beside the log. They come into the page as images, not as markup: what is in an SVG then
 * runs no script and fetches nothing. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "html.h"
#include "paths.h"
#include "printable.h"

static void put_plot(FILE *out, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	cleanup_free char *shown = printable(name, strlen(name) - strlen(".svg"), NULL);
	cleanup_free char *svg = NULL;
	size_t size = 0;

	svg = read_file(path, &size, NULL);
	if (!svg)
		return;
	fputs("<figure><img alt=\"", out);
	html_text(out, shown);
	fputs("\" src=\"data:image/svg+xml;base64,", out);
	html_base64(out, svg, size);
	fputs("\"><figcaption>", out);
	html_text(out, shown);
	fputs("</figcaption></figure>\n", out);
}

/* glob(3) takes the folder's name for a pattern: what is special in one is escaped. */
static char *pattern_of(const char *dir)
{
	char *pattern = NULL;
	size_t size;
	FILE *f = open_memstream(&pattern, &size);

	if (!f)
		abort();
	for (; *dir; dir++)
		fprintf(f, strchr("*?[\\", *dir) ? "\\%c" : "%c", *dir);
	fputs("/plots/*.svg", f);
	fclose(f);
	return pattern;
}

void html_plots(FILE *out, const json_t *run)
{
	const char *dir = json_string_value(json_object_get(run, "dir"));
	cleanup_free char *pattern = NULL;
	glob_t g;

	if (!dir || !*dir)
		return;
	pattern = pattern_of(dir);
	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	fputs("<section id=\"plots\">\n<h2>Plots</h2>\n", out);
	for (size_t i = 0; i < g.gl_pathc; i++)
		put_plot(out, g.gl_pathv[i]);
	fputs("</section>\n", out);
	globfree(&g);
}
