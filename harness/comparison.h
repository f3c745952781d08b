/* What `pamlab compare` prints: each of these gets the object of compare_results. */
#ifndef PAMLAB_COMPARISON_H
#define PAMLAB_COMPARISON_H

#include <jansson.h>
#include <stdio.h>

void comparison_text(FILE *out, const json_t *comparison);
void comparison_json(FILE *out, const json_t *comparison);

/* Workflow commands of GitHub Actions: an annotation for each finding but those about costs that
 * are within their limits. */
void comparison_github(FILE *out, const json_t *comparison);

/* For a job's summary or a comment. */
void comparison_markdown(FILE *out, const json_t *comparison);

typedef void comparison_fn(FILE *out, const json_t *comparison);

/* "text", "json", ...; NULL at the end, and of an unknown name. */
extern const char *const comparison_formats[];
comparison_fn *comparison_writer(const char *format);

#endif
