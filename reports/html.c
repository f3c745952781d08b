/* The page: one file, no network, in plain HTML what has to be there without a script, and the
 * cases as JSON, from which reports/html/report.js makes matrix, failures and costs. */
#include "html.h"

#include <sha256.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "reporter.h"

/* The files below reports/html/, put into the program by the linker. */
extern const char css[] __asm__("_binary_reports_html_report_css_start");
extern const char css_end[] __asm__("_binary_reports_html_report_css_end");
extern const char js[] __asm__("_binary_reports_html_report_js_start");
extern const char js_end[] __asm__("_binary_reports_html_report_js_end");

/* Two symbols of one object, which C takes for two objects. */
static size_t size_between(const char *start, const char *end)
{
	return (uintptr_t)end - (uintptr_t)start;
}

struct html {
	struct reporter base;
	FILE *out;
	struct collection c;
};

static void html_begin(struct reporter *r, const json_t *run)
{
	collection_begin(&((struct html *)r)->c, run);
}

static void html_case(struct reporter *r, const json_t *obj)
{
	collection_add(&((struct html *)r)->c, obj);
}

void html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

void html_base64(FILE *out, const void *bytes, size_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = bytes;

	for (; n > 0; s += 3) {
		size_t have = n < 3 ? n : 3;
		unsigned long bits = (unsigned long)s[0] << 16;

		bits |= have > 1 ? (unsigned long)s[1] << 8 : 0;
		bits |= have > 2 ? (unsigned long)s[2] : 0;
		for (size_t i = 0; i < 4; i++)
			fputc(i <= have ? digits[bits >> (18 - 6 * i) & 63] : '=', out);
		n -= have;
	}
}

/* The only style and script that the browser takes are those with these hashes; it fetches nothing
 * (Content Security Policy Level 3). */
static void put_hash(FILE *out, const char *start, const char *end)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)start, size_between(start, end));
	SHA256Final(digest, &ctx);
	fputs("'sha256-", out);
	html_base64(out, digest, sizeof(digest));
	fputs("'", out);
}

static void put_head(FILE *out, const struct collection *c)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "img-src data:; style-src ",
	      out);
	put_hash(out, css, css_end);
	fputs("; script-src ", out);
	put_hash(out, js, js_end);
	fputs("; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
	      out);
	html_title(out, c);
	fputs("</title>\n<style>", out);
	fwrite(css, 1, size_between(css, css_end), out);
	fputs("</style>\n</head>\n<body>\n", out);
}

static void put_sections(FILE *out)
{
	static const struct {
		const char *id, *title;
	} sections[] = {
	    {"failures", "What is broken or undecided"},
	    {"matrix", "Module, property, entry"},
	    {"expected", "Known failures and masked properties"},
	    {"information", "For information"},
	    {"baseline", "Without a module, for comparison"},
	    {"costs", "What a login costs"},
	};

	fputs("<noscript><p class=\"note\">Matrix, failures and costs are shown by this page's own "
	      "script, which is turned off here. <code>pamlab report --format table</code> "
	      "has them as text.</p></noscript>\n",
	      out);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		fprintf(out, "<section id=\"%s\" hidden>\n<h2>%s</h2>\n</section>\n",
		        sections[i].id, sections[i].title);
}

static int html_end(struct reporter *r, const json_t *summary, struct err **e)
{
	static const char *const order[] = {"module", "group", "scenario", "entry", "id", NULL};
	struct html *h = (struct html *)r;
	cleanup_json json_t *notes = report_notes(h->c.run, json_array_size(h->c.cases), summary);

	collection_sort(&h->c, order);
	put_head(h->out, &h->c);
	fputs("<a class=\"skip\" href=\"#main\">Skip to the answer</a>\n<main id=\"main\">\n",
	      h->out);
	html_summary(h->out, &h->c, notes);
	fputs("<nav id=\"contents\" aria-label=\"Sections\"></nav>\n"
	      "<form id=\"filters\" role=\"search\" aria-label=\"Filter cases\" hidden></form>\n",
	      h->out);
	put_sections(h->out);
	html_plots(h->out, h->c.run);
	html_environment(h->out, h->c.run, summary);
	fputs("</main>\n<script type=\"application/json\" id=\"data\">", h->out);
	html_data(h->out, &h->c);
	fputs("</script>\n<script>", h->out);
	fwrite(js, 1, size_between(js, js_end), h->out);
	fputs("</script>\n</body>\n</html>\n", h->out);
	return report_flush(h->out, e);
}

static void html_destroy(struct reporter *r)
{
	collection_free(&((struct html *)r)->c);
	free(r);
}

struct reporter *html_reporter(FILE *out)
{
	struct html *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->base = (struct reporter){html_begin, html_case, html_end, html_destroy};
	h->out = out;
	collection_init(&h->c);
	return &h->base;
}
