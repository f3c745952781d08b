/* What it was run on. */
#include <stdlib.h>
#include <string.h>

#include "case_text.h"
#include "cleanup.h"
#include "html.h"
#include "printable.h"

static void put_pair(FILE *out, const char *name, const char *value)
{
	fprintf(out, "<dt>%s</dt><dd><code>", name);
	html_text(out, value);
	fputs("</code></dd>\n", out);
}

static void put_command(FILE *out, const json_t *argv)
{
	json_t *word;
	size_t i;

	if (!json_array_size(argv))
		return;
	fputs("<dt>Command</dt><dd><code>pamlab", out);
	json_array_foreach((json_t *)argv, i, word)
	{
		const char *text = json_string_value(word);
		cleanup_free char *quoted = shell_word(text ? text : "");

		fputc(' ', out);
		html_text(out, quoted);
	}
	fputs("</code></dd>\n", out);
}

static void put_run(FILE *out, const json_t *run)
{
	static const struct {
		const char *key, *name;
	} pairs[] = {
	    {"started", "Started"},
	    {"version", "pamlab"},
	    {"image", "Image"},
	    {"image_hash", "Image's hash"},
	    {"kernel", "Kernel"},
	    {"kernel_hash", "Kernel's hash"},
	    {"template", "Base template"},
	    {"qemu", "QEMU"},
	    {"accel", "Accelerator"},
	    {"strict", "Masked properties must hold"},
	    {"known", "Known failures are expected"},
	    {"log", "Event log"},
	};

	fputs("<dl>\n", out);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const json_t *value = json_object_get(run, pairs[i].key);
		cleanup_free char *text = case_text(run, pairs[i].key);

		if (json_is_boolean(value))
			put_pair(out, pairs[i].name, json_is_true(value) ? "yes" : "no");
		else if (text)
			put_pair(out, pairs[i].name, text);
	}
	put_command(out, json_object_get(run, "argv"));
	fputs("</dl>\n", out);
}

static void put_modules(FILE *out, const json_t *modules)
{
	static const char *const keys[] = {"name", "sha256", "path", "args", "contract"};
	static const char *const heads[] = {"Module", "SHA-256", "Path", "Arguments", "Contract"};
	json_t *module;
	size_t i;

	if (!json_array_size(modules))
		return;
	fputs("<div class=\"wide\"><table class=\"modules\">\n<thead><tr>", out);
	for (size_t k = 0; k < sizeof(heads) / sizeof(*heads); k++)
		fprintf(out, "<th>%s</th>", heads[k]);
	fputs("</tr></thead>\n<tbody>\n", out);
	json_array_foreach((json_t *)modules, i, module)
	{
		fputs("<tr>", out);
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			cleanup_free char *text = case_text(module, keys[k]);

			fputs("<td><code>", out);
			html_text(out, text ? text : "-");
			fputs("</code></td>", out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

void html_environment(FILE *out, const json_t *run, const json_t *summary)
{
	const json_t *runs = json_object_get(run, "runs");
	json_int_t ms = json_integer_value(json_object_get(summary, "wall_ms"));
	json_t *one;
	size_t i;

	fputs("<section id=\"environment\">\n<h2>What it was run on</h2>\n", out);
	json_array_foreach((json_t *)runs, i, one) put_run(out, one);
	if (!json_array_size(runs))
		put_run(out, run);
	if (ms > 0)
		fprintf(out, "<p>The run took %lld.%lld s.</p>\n", (long long)ms / 1000,
		        (long long)ms % 1000 / 100);
	put_modules(out, json_object_get(run, "modules"));
	fputs("</section>\n", out);
}
