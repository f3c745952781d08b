#include "pam_pidns.h"

#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <string.h>
#include <sys/mount.h>
#include <syslog.h>

/* hidepid= by number and by name, proc(5). */
static const char *const hidepid_values[] = {"0",   "1",        "2",         "4",
                                             "off", "noaccess", "invisible", "ptraceable"};

static bool known_hidepid(const char *value)
{
	for (size_t i = 0; i < sizeof(hidepid_values) / sizeof(*hidepid_values); i++)
		if (!strcmp(value, hidepid_values[i]))
			return true;
	return false;
}

static bool set_once(const char **slot, const char *value)
{
	if (*slot || !*value)
		return false;
	*slot = value;
	return true;
}

/* If arg is "name=value", the value. */
static const char *value_of(const char *arg, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(arg, name, n) && arg[n] == '=' ? arg + n + 1 : NULL;
}

static bool parse_option(const char *arg, struct options *o)
{
	const char *value;

	if (!strcmp(arg, "debug"))
		return o->debug = true;
	if ((value = value_of(arg, "propagation"))) {
		if (o->propagation)
			return false;
		if (!strcmp(value, "private"))
			o->propagation = MS_PRIVATE;
		else if (!strcmp(value, "slave"))
			o->propagation = MS_SLAVE;
		return o->propagation != 0;
	}
	if ((value = value_of(arg, "hidepid")))
		return known_hidepid(value) && set_once(&o->hidepid, value);
	if ((value = value_of(arg, "subset")))
		return !strcmp(value, "pid") && set_once(&o->subset, value);
	if ((value = value_of(arg, "exempt_user")))
		return set_once(&o->exempt_user, value);
	if ((value = value_of(arg, "exempt_group")))
		return set_once(&o->exempt_group, value);
	return false;
}

int parse_options(pam_handle_t *pamh, int argc, const char **argv, struct options *o)
{
	*o = (struct options){0};
	for (int i = 0; i < argc; i++) {
		if (!parse_option(argv[i], o)) {
			pam_syslog(
			    pamh, LOG_ERR,
			    "refusing the session: option \"%s\" is unknown, repeated or has "
			    "no such value",
			    argv[i]);
			return -1;
		}
	}
	if (!o->propagation)
		o->propagation = MS_PRIVATE;
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
