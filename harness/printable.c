#include "printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* Length of the well-formed character at s (Unicode 15, table 3-7), or 0 with *bad the length of
 * the maximal invalid subpart. */
static size_t utf8_step(const unsigned char *s, size_t n, size_t *bad)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	*bad = 1;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < len; i++) {
		if (i >= n || s[i] < low || s[i] > high) {
			*bad = i;
			return 0;
		}
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

json_t *json_text(const char *bytes, size_t n)
{
	cleanup_free char *out = NULL;
	json_t *text = json_stringn(bytes, n);
	size_t size;
	FILE *f;

	if (text)
		return text;
	f = open_memstream(&out, &size);
	if (!f)
		abort();
	for (size_t i = 0, bad; i < n;) {
		size_t len = utf8_step((const unsigned char *)bytes + i, n - i, &bad);

		fwrite(len ? bytes + i : "\xef\xbf\xbd", 1, len ? len : 3, f);
		i += len ? len : bad;
	}
	fclose(f);
	return json_stringn(out, size);
}

/* A terminal must not obey it, or it cannot be seen: controls (C0, DEL, C1), the marks that turn
 * the direction of writing and the line separators (U+200E, U+200F, U+2028 to U+202E, U+2066 to
 * U+2069), the noncharacters U+FFFE and U+FFFF, which XML cannot hold. */
static bool is_control(const unsigned char *s, size_t len)
{
	if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
		return true;
	if (len != 3)
		return false;
	if (s[0] == 0xef)
		return s[1] == 0xbf && s[2] >= 0xbe;
	if (s[0] != 0xe2)
		return false;
	return s[1] == 0x80 ? s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae)
	                    : s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

/* U+0085 is \x85, as always; of longer characters each byte is escaped. */
static char *put_escaped(char *to, const unsigned char *s, size_t len)
{
	for (size_t i = len == 2 ? 1 : 0; i < len; i++)
		to += sprintf(to, "\\x%02x", s[i]);
	return to;
}

/* With `escaped` the text has escapes, which are left alone. */
static char *put_char(char *to, const unsigned char *s, size_t len, const char *also, bool escaped)
{
	if (s[0] == '\n')
		return stpcpy(to, "\\n");
	if (s[0] == '\t')
		return stpcpy(to, "\\t");
	if (s[0] == '\\' && !escaped)
		return stpcpy(to, "\\\\");
	if (is_control(s, len) || (also && s[0] && strchr(also, s[0])))
		return put_escaped(to, s, len);
	return mempcpy(to, s, len);
}

/* No byte takes more than the four of "\xHH". */
static char *escape(const char *bytes, size_t n, const char *also, bool escaped)
{
	char *line = malloc(4 * n + 1), *to = line;

	if (!line)
		abort();
	for (size_t i = 0, bad; i < n;) {
		const unsigned char *s = (const unsigned char *)bytes + i;
		size_t len = utf8_step(s, n - i, &bad);

		if (len)
			to = put_char(to, s, len, also, escaped);
		for (size_t k = 0; !len && k < bad; k++)
			to += sprintf(to, "\\x%02x", s[k]);
		i += len ? len : bad;
	}
	*to = '\0';
	to = realloc(line, to - line + 1);
	return to ? to : line;
}

char *printable(const char *bytes, size_t n, const char *also)
{
	return escape(bytes, n, also, false);
}

char *printable_rest(const char *text)
{
	return escape(text, strlen(text), NULL, true);
}

char *printable_json(const json_t *value, const char *also)
{
	cleanup_free char *dump = NULL;

	if (!value || json_is_null(value))
		return strdup("-");
	if (json_is_string(value))
		return printable(json_string_value(value), json_string_length(value), also);
	dump = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	if (!dump)
		abort();
	return escape(dump, strlen(dump), also, true);
}

size_t text_columns(const char *utf8)
{
	size_t columns = 0;

	for (; *utf8; utf8++)
		columns += ((unsigned char)*utf8 & 0xc0) != 0x80;
	return columns;
}
