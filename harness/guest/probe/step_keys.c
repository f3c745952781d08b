/* Keys: the user's keyring is the same in and outside a session; the session's should not be. */
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "common/case_files.h"
#include "probe/ask.h"
#include "probe/probe.h"

static bool key_has(int keyring, const char *name, const char *secret)
{
	char text[64] = "";
	/* Linked to a keyring of this process's own, which makes it a key that it possesses, and
	 * that it may read as such (keyrings(7)). */
	long key =
	    syscall(SYS_keyctl, KEYCTL_SEARCH, keyring, "user", name, KEY_SPEC_PROCESS_KEYRING);

	return key > 0 && syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1) > 0 &&
	       strcmp(text, secret) == 0;
}

int step_keys(struct session *s, long number)
{
	cleanup_free struct victim *victims = NULL;
	json_t *user = json_array();
	size_t n;

	(void)number;
	if (read_victims(s, &victims, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "pamlab-%s", victims[i].name);
		if (key_has(KEY_SPEC_USER_KEYRING, name, victims[i].secret))
			add_text(user, "%s", victims[i].name);
	}
	return observe(s, "keys.user", user) |
	       observe(s, "keys.outer_session",
	               json_boolean(key_has(KEY_SPEC_SESSION_KEYRING, OUTER_KEY, OUTER_KEY)));
}
