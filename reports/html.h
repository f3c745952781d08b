/* What the parts of the HTML reporter share. Everything that a case, a guest or a log says goes
 * through printable() and html_text(), or into the page's JSON. */
#ifndef PAMLAB_HTML_H
#define PAMLAB_HTML_H

#include <jansson.h>
#include <stdio.h>

#include "collect.h"

/* Writes text with <, >, & and quotes escaped: fit for content and for attributes in quotes. */
void html_text(FILE *out, const char *text);

/* Bytes as base64 (RFC 4648, 4). */
void html_base64(FILE *out, const void *bytes, size_t n);

/* "Is it safe to ship?": the heading, a row for each module, the notes. */
void html_summary(FILE *out, const struct collection *c, const json_t *notes);

/* The same in the words of a window's title. */
void html_title(FILE *out, const struct collection *c);

/* What it was run on: image, kernel, versions, hashes, command line, modules. */
void html_environment(FILE *out, const json_t *run, const json_t *summary);

/* DIR/plots/NAME.svg as images in the page; nothing if there are none. DIR is the run's `dir`. */
void html_plots(FILE *out, const json_t *run);

/* The cases, as JSON for reports/html/report.js, fit for a script element. */
void html_data(FILE *out, const struct collection *c);

#endif
