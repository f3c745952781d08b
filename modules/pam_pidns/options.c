#include "pam_pidns.h"

#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <string.h>
#include <sys/mount.h>
#include <syslog.h>

/* hidepid= by number and by name, proc(5). */
static const char *const hidepids[] = {"0",        "1",         "2",          "4", "off",
                                       "noaccess", "invisible", "ptraceable", NULL};
static const char *const subsets[] = {"pid", NULL};
static const char *const propagations[] = {"private", "slave", NULL};

static bool is_one_of(const char *value, const char *const *known)
{
	while (*known && strcmp(value, *known) != 0)
		known++;
	return *known;
}

/* Takes "name=value" if name fits and value is set for the first time and known; a NULL list of
 * known values allows any but the empty one. */
static bool take(const char *arg, const char *name, const char **slot, const char *const *known)
{
	size_t n = strlen(name);

	if (strncmp(arg, name, n) != 0 || arg[n] != '=' || *slot || !arg[n + 1])
		return false;
	*slot = arg + n + 1;
	return !known || is_one_of(*slot, known);
}

int parse_options(pam_handle_t *pamh, int argc, const char **argv, struct options *o)
{
	const char *propagation = NULL;

	*o = (struct options){0};
	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];

		if (!strcmp(a, "debug")) {
			o->debug = true;
		} else if (!take(a, "propagation", &propagation, propagations) &&
		           !take(a, "hidepid", &o->hidepid, hidepids) &&
		           !take(a, "subset", &o->subset, subsets) &&
		           !take(a, "exempt_user", &o->exempt_user, NULL) &&
		           !take(a, "exempt_group", &o->exempt_group, NULL)) {
			pam_syslog(
			    pamh, LOG_ERR,
			    "refusing the session: option \"%s\" is unknown, repeated or has "
			    "no such value",
			    a);
			return -1;
		}
	}
	o->propagation = propagation && !strcmp(propagation, "slave") ? MS_SLAVE : MS_PRIVATE;
	return 0;
}

static bool match_user(pam_handle_t *pamh, const char *user, const char *name)
{
	(void)pamh;
	return !strcmp(user, name);
}

static bool match_group(pam_handle_t *pamh, const char *user, const char *group)
{
	return pam_modutil_user_in_group_nam_nam(pamh, user, group) == 1;
}

/* Whether match holds for one of the names in a comma-separated list. */
static bool match_list(pam_handle_t *pamh, const char *user, const char *list,
                       bool (*match)(pam_handle_t *, const char *, const char *))
{
	char name[256];

	for (size_t n; list && *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == 0 || n >= sizeof(name))
			continue;
		memcpy(name, list, n);
		name[n] = '\0';
		if (match(pamh, user, name))
			return true;
	}
	return false;
}

bool is_exempt(pam_handle_t *pamh, const struct options *o, const char *user)
{
	return match_list(pamh, user, o->exempt_user, match_user) ||
	       match_list(pamh, user, o->exempt_group, match_group);
}
