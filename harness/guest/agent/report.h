/* Events for the host, as JSON lines (docs/architecture.md, "Host and guest"). */
#ifndef PAMLAB_AGENT_REPORT_H
#define PAMLAB_AGENT_REPORT_H

#include <jansson.h>
#include <stdint.h>

/* CLOCK_MONOTONIC of the guest, ns. */
int64_t guest_now(void);

/* From now on, `t` counts from here. */
void report_start(int64_t now);

/* {"ev": EV, KEY: value}; value's reference is taken; key NULL: no value. */
void report(const char *ev, const char *key, json_t *value);

/* {"ev": "obs", "name": PREFIX NAME, "value": value}; value's reference is taken. */
void observe(const char *prefix, const char *name, json_t *value);

/* {"ev": "fault", "text": ...}: the lab could not do its part. */
void report_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
