#include "known.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"
#include "yaml_doc.h"

#define TEXT(key, type, member)                                                                    \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)

static const cyaml_schema_field_t entry_fields[] = {
    TEXT("case", struct known_entry, pattern),
    TEXT("reason", struct known_entry, reason),
    TEXT("expires", struct known_entry, expires),
    CYAML_FIELD_IGNORE("sometimes", CYAML_FLAG_OPTIONAL), /* yaml_bool is stricter */
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct known_entry, entry_fields)};

static const cyaml_schema_field_t list_fields[] = {
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct known_list, version),
    CYAML_FIELD_SEQUENCE("known", CYAML_FLAG_POINTER, struct known_list, entries, &entry_schema, 0,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t list_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct known_list, list_fields)};

/* A day of the Gregorian calendar, written YYYY-MM-DD: such texts sort as the days do. */
static bool is_day(const char *text)
{
	struct tm tm = {0}, same;
	const char *end;
	char again[KNOWN_DAY_LEN];

	if (strlen(text) != KNOWN_DAY_LEN - 1)
		return false;
	end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end)
		return false;
	same = tm;
	timegm(&same); /* makes the 1st of March of a 30th of February */
	return strftime(again, sizeof(again), "%Y-%m-%d", &same) && !strcmp(again, text);
}

static int check_entry(const struct yaml_doc *doc, const yaml_node_t *node, struct known_entry *k,
                       struct err **e)
{
	const char *slash = strchr(k->pattern, '/');

	k->line = yaml_line(node);
	if (!slash || !strchr(slash + 1, '/'))
		return yaml_fail(doc, yaml_get(doc, node, "case"), e,
		                 "'%s': write MODULE/ENTRY/SCENARIO, such as "
		                 "\"pam_mine/sudo*/process-list\"",
		                 k->pattern);
	if (!is_day(k->expires))
		return yaml_fail(doc, yaml_get(doc, node, "expires"), e,
		                 "'%s' is no day: write one such as 2026-12-31", k->expires);
	return yaml_bool(doc, yaml_get(doc, node, "sometimes"), &k->sometimes, e);
}

static int read_doc(const struct yaml_doc *doc, time_t now, struct known_list **out, struct err **e)
{
	cleanup_known struct known_list *list = NULL;
	const yaml_node_t *nodes;
	void *data = NULL;
	struct tm tm;

	*out = NULL;
	if (!doc || yaml_doc_fill(doc, &list_schema, &data, e) < 0)
		return -1;
	list = data;
	list->path = strdup(doc->path);
	if (list->version != 1)
		return yaml_fail(doc, yaml_get(doc, yaml_root(doc), "version"), e,
		                 "`version: 1` expected");
	nodes = yaml_get(doc, yaml_root(doc), "known");
	for (unsigned i = 0; i < list->entries_count; i++)
		if (check_entry(doc, yaml_item(doc, nodes, i), &list->entries[i], e) < 0)
			return -1;
	if (!gmtime_r(&now, &tm) || !strftime(list->today, sizeof(list->today), "%Y-%m-%d", &tm))
		return err_set(e, 0, "what day it is cannot be told");
	*out = take_ptr(list);
	return 0;
}

int known_load(const char *path, time_t now, struct known_list **out, struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_read(path, e);

	return read_doc(doc, now, out, e);
}

int known_parse(const char *name, const char *text, size_t len, time_t now, struct known_list **out,
                struct err **e)
{
	cleanup_yaml_doc struct yaml_doc *doc = yaml_doc_parse(name, text, len, e);

	return read_doc(doc, now, out, e);
}

void known_free(struct known_list **list)
{
	if (!*list)
		return;
	free((*list)->path);
	yaml_doc_release(&list_schema, *list);
	*list = NULL;
}

bool known_expired(const struct known_list *list, const struct known_entry *entry)
{
	return strcmp(list->today, entry->expires) > 0;
}

bool known_covers(const struct known_entry *entry, const char *name)
{
	return fnmatch(entry->pattern, name, FNM_PATHNAME) == 0;
}

const struct known_entry *known_find(const struct known_list *list, const char *name)
{
	const struct known_entry *found = NULL;

	for (unsigned i = 0; list && i < list->entries_count; i++) {
		const struct known_entry *k = &list->entries[i];

		if (!known_covers(k, name))
			continue;
		if (!known_expired(list, k))
			return k;
		if (!found)
			found = k;
	}
	return found;
}

/* Takes the text. */
static void retell(struct judgement *j, char *reason)
{
	free(j->reason);
	j->reason = reason;
}

void known_apply(const struct known_list *list, const char *module, const char *entry,
                 const char *scenario, struct judgement *j)
{
	cleanup_free char *name = NULL;
	const struct known_entry *k;

	name = text_format("%s/%s/%s", module, entry, scenario);
	k = known_find(list, name);
	if (!k)
		return;
	if (j->verdict == VERDICT_FAIL && known_expired(list, k)) {
		retell(j, text_format("%s; that it is a known failure expired on %s (%s:%u: %s)",
		                      j->reason ? j->reason : "broken", k->expires, list->path,
		                      k->line, k->reason));
	} else if (j->verdict == VERDICT_FAIL) {
		j->known = true;
		retell(j, text_format("known failure until %s: %s", k->expires, k->reason));
	} else if (j->verdict == VERDICT_PASS && !k->sometimes) {
		j->known = true;
		retell(j, text_format("known failure passes: remove it from the list (%s:%u)",
		                      list->path, k->line));
	}
}
