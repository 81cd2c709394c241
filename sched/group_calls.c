// SPDX-License-Identifier: Apache-2.0
/*
 * libcgroup 2.0.2 on cgroup version 2, as it was seen to behave:
 *
 * - a group is made through a controller that its object names; that one is turned on at the root, so it has
 *   to be one that is on already. Of several, all but the first make deleting it fail, though it is gone.
 * - files of the core ("cgroup.type") are a controller "cgroup", for modifying and not for making.
 * - the root group is not among its groups: what is written there is written here.
 * - deleting a group moves who is in it to the root, with the whole of its process; only when told that the
 *   group must be empty it does not.
 */
#include "sched/group_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libcgroup.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/change.h"
#include "core/base/change_compare.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "sched/group_rules.h"
#include "sched/group_slice.h"

enum { VALUE_MAX = 4096 }; /* of libcgroup, which cuts what is longer */

#define PARTITION_FILE "cpuset.cpus.partition"
#define CPUS_FILE "cpuset.cpus"

static void object_free(struct cgroup **object)
{
	if (*object != NULL)
		cgroup_free(object);
}

static int group_error(int code)
{
	int error = cgroup_get_last_errno();

	switch (code) {
	case 0:
		return 0;
	case ECGOTHER:
		return error > 0 ? -error : -EIO;
	case ECGROUPNOTOWNER:
	case ECGROUPNOTALLOWED:
		return -EPERM;
	case ECGROUPNOTEXIST:
	case ECGROUPSUBSYSNOTMOUNTED:
	case ECGROUPVALUENOTEXIST:
		return -ENOENT;
	case ECGNONEMPTY:
		return -EBUSY;
	default:
		return -EIO;
	}
}

static int library_ready(void)
{
	static bool ready;
	int code = ready ? 0 : cgroup_init();

	ready = code == 0;
	return code == 0 ? 0 : code == ECGROUPNOTMOUNTED ? -ENODEV : group_error(code);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* What libcgroup calls the group of an absolute path, or NULL for the root and what is not below it. */
static const char *group_name(const char *path)
{
	size_t length = strlen(GROUP_MOUNT "/");

	return strncmp(path, GROUP_MOUNT "/", length) == 0 && path[length] != '\0' ? path + length : NULL;
}

/* A controller that is on for the children of the root; "" where none is. */
static void find_controller(char *buffer, size_t size)
{
	char all[256];

	buffer[0] = '\0';
	if (sys_read_file(GROUP_ROOT_CONTROL, all, sizeof(all)) >= 0)
		snprintf(buffer, size, "%.*s", (int)strcspn(all, " \n"), all);
}

/* An object with one controller and no values; NULL without memory or where libcgroup does not know it. */
static struct cgroup *object_new(const char *path, const char *controller,
				 struct cgroup_controller **ret_controller)
{
	struct cgroup *object = cgroup_new_cgroup(group_name(path));

	*ret_controller = object == NULL ? NULL : cgroup_add_controller(object, controller);
	if (object != NULL && *ret_controller == NULL)
		object_free(&object);
	return object;
}

/* Without any controller on, libcgroup has none to make a group by, and says that it made one. */
static int make_plain(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

static int make_group(const char *path)
{
	_cleanup_(object_free) struct cgroup *object = NULL;
	struct cgroup_controller *controller;
	char name[64];
	int error;

	find_controller(name, sizeof(name));
	if (*name == '\0')
		return make_plain(path);
	error = library_ready();
	if (error != 0)
		return error;
	object = object_new(path, name, &controller);
	if (object == NULL)
		return -ENOMEM;
	error = group_error(cgroup_create_cgroup(object, 0));
	if (is_there(path))
		return 0;
	return error != 0 ? error : -EIO;
}

/* One write(2): the kernel takes a file's text in one piece. */
static int write_plain(const char *path, const char *text)
{
	_cleanup_close_ int file = sys_open(path, O_WRONLY);

	return file < 0 ? file : sys_write_all(file, text, strlen(text));
}

/* @file: "cpuset.cpus" of the group at @path. */
static int write_file(const char *path, const char *file, const char *text)
{
	_cleanup_(object_free) struct cgroup *object = NULL;
	struct cgroup_controller *controller;
	char name[64];
	int error = library_ready();

	if (error != 0)
		return error;
	if (strlen(text) >= VALUE_MAX)
		return -E2BIG;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
	object = object_new(path, name, &controller);
	if (object == NULL)
		return -ENOMEM;
	error = group_error(cgroup_add_value_string(controller, file, text));
	return error != 0 ? error : group_error(cgroup_modify_cgroup(object));
}

/*
 * A partition that goes with its group gives its CPUs back some time after rmdir(2) (Linux 6.1): too late for
 * threads that are put back to them, and threads that are put back before are reset. As a member it has none.
 */
static int give_cpus_back(const char *path)
{
	char file[320];
	char now[256];

	snprintf(file, sizeof(file), "%s/%s", path, PARTITION_FILE);
	if (sys_read_file(file, now, sizeof(now)) < 0 || strcmp(now, "member") == 0)
		return 0;
	return write_file(path, PARTITION_FILE, "member");
}

bool group_is_populated(const char *path)
{
	char file[320];
	char events[256];

	snprintf(file, sizeof(file), "%s/cgroup.events", path);
	return sys_read_file(file, events, sizeof(events)) >= 0 && strstr(events, "populated 1") != NULL;
}

static int remove_group(const char *path)
{
	_cleanup_(object_free) struct cgroup *object = NULL;
	struct cgroup_controller *controller;
	char name[64];
	int error = group_is_populated(path) ? -EBUSY : give_cpus_back(path);

	if (error != 0)
		return error;
	find_controller(name, sizeof(name));
	if (*name == '\0')
		return rmdir(path) == 0 ? 0 : -errno;
	error = library_ready();
	if (error != 0)
		return error;
	object = object_new(path, name, &controller);
	if (object == NULL)
		return -ENOMEM;
	error = group_error(cgroup_delete_cgroup_ext(object, CGFLAG_DELETE_EMPTY_ONLY));
	if (!is_there(path))
		return 0;
	return error != 0 ? error : -EBUSY;
}

/* struct setting - a file of a group, apart: @path is the group's. */
struct setting {
	char path[256];
	const char *file;
};

static int setting_find(const struct change *change, struct setting *ret)
{
	const char *slash = strrchr(change->path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - change->path);

	if (slash == NULL || length >= sizeof(ret->path))
		return -EINVAL;
	memcpy(ret->path, change->path, length);
	ret->path[length] = '\0';
	ret->file = slash + 1;
	return 0;
}

static bool is_invalid(const char *text)
{
	return strstr(text, " invalid") != NULL;
}

/* An invalid partition stays so, whatever is written to its lists, until it has been a member (Linux 6.1). */
static int write_partition(const char *path, const char *text)
{
	char file[320];
	char now[256] = "";
	int error = 0;

	snprintf(file, sizeof(file), "%s/%s", path, PARTITION_FILE);
	if (sys_read_file(file, now, sizeof(now)) >= 0 && is_invalid(now))
		error = write_file(path, PARTITION_FILE, "member");
	return error != 0 ? error : write_file(path, PARTITION_FILE, text);
}

/*
 * Lists of CPUs that move from group to group overlap on the way, and the partitions that see it are
 * invalid. Once the last one has been cut, they can be made anew; until then they cannot, and whoever asks
 * for them reads that back.
 */
static void heal_partitions(void)
{
	glob_t found = {0};

	if (glob(GROUP_MOUNT "/bulkhead[-.]*/" PARTITION_FILE, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char now[256];
			struct change change = {.path = found.gl_pathv[i]};
			struct setting setting;

			if (sys_read_file(change.path, now, sizeof(now)) < 0 || !is_invalid(now) ||
			    setting_find(&change, &setting) != 0)
				continue;
			now[strcspn(now, " ")] = '\0';
			write_partition(setting.path, now);
		}
	}
	globfree(&found);
}

/* A group is made a domain, and threaded for ever once it was: nothing but a new one is a domain again. */
static int write_type(const char *path, const char *text)
{
	char file[320];
	char now[64] = "";
	int error;

	snprintf(file, sizeof(file), "%s/cgroup.type", path);
	if (sys_read_file(file, now, sizeof(now)) >= 0 && strcmp(now, text) == 0)
		return 0;
	if (strcmp(text, "domain") != 0)
		return write_file(path, "cgroup.type", text);
	error = remove_group(path);
	return error != 0 ? error : make_group(path);
}

/*
 * A partition whose CPUs change goes through being a member: else Linux 6.1 leaves the load balancer with the
 * CPUs as they were before.
 */
static int write_cpus(const char *path, const char *text)
{
	char file[320];
	char now[256] = "";
	int error;

	snprintf(file, sizeof(file), "%s/%s", path, PARTITION_FILE);
	if (sys_read_file(file, now, sizeof(now)) < 0 || strcmp(now, "member") == 0)
		return write_file(path, CPUS_FILE, text);
	now[strcspn(now, " ")] = '\0';
	error = write_file(path, PARTITION_FILE, "member");
	if (error == 0)
		error = write_file(path, CPUS_FILE, text);
	return error == 0 ? write_file(path, PARTITION_FILE, now) : error;
}

static int write_setting(const struct setting *setting, const char *text)
{
	int error;

	if (strcmp(setting->file, "cgroup.type") == 0)
		return write_type(setting->path, text);
	if (strcmp(setting->file, PARTITION_FILE) == 0)
		return write_partition(setting->path, text);
	if (strcmp(setting->file, CPUS_FILE) != 0)
		return write_file(setting->path, setting->file, text);
	error = write_cpus(setting->path, text);
	if (error == 0)
		heal_partitions();
	return error;
}

static int write_text(const struct change *change, const char *text)
{
	struct setting setting;
	char now[VALUE_MAX];
	int error = setting_find(change, &setting);

	if (error != 0)
		return error;
	if (strcmp(setting.path, GROUP_MOUNT) == 0)
		return write_plain(change->path, text);
	if (group_name(setting.path) == NULL)
		return -EINVAL;
	error = write_setting(&setting, text);
	/* A failure that was none. */
	if (error != 0 && sys_read_file(change->path, now, sizeof(now)) >= 0 &&
	    change_compare(change->compare, text, now))
		error = 0;
	return error;
}

static void explain_write(const struct change *change, const char *text, int error, struct diag *why)
{
	diag_set(why, -error, "writing \"%s\" to %s: %s", text, change->path, strerror(-error));
	if (error == -EBUSY && strstr(change->path, PARTITION_FILE) == NULL)
		diag_remedy(why, "stop what is in the group, or has a reservation on its CPUs");
	else if (error == -EPERM || error == -EACCES)
		diag_remedy(why, "run as root");
}

int group_write(const struct change *change, const char *text, struct diag *why)
{
	int error;

	if (change->kind == CHANGE_GROUP_TEXT && text != NULL) {
		error = write_text(change, text);
		if (error != 0)
			explain_write(change, text, error, why);
		return error;
	}
	if (strcmp(change->path, GROUP_SLICE) == 0)
		return group_slice_start(why);
	if (group_name(change->path) == NULL)
		return diag_set(why, EINVAL, "%s is no control group", change->path);
	error = make_group(change->path);
	if (error == 0)
		return 0;
	diag_set(why, -error, "making control group %s: %s", change->path, strerror(-error));
	diag_remedy(why, "run as root, on a host with cgroup version 2");
	return error;
}

int group_remove(const struct change *change, struct diag *why)
{
	int error;

	if (group_name(change->path) == NULL)
		return diag_set(why, EINVAL, "%s is no control group", change->path);
	if (!is_there(change->path))
		return 0;
	if (strcmp(change->path, GROUP_SLICE) == 0)
		return group_slice_stop(why);
	error = remove_group(change->path);
	if (error == 0) {
		heal_partitions();
		return 0;
	}
	diag_set(why, -error, "removing control group %s: %s", change->path, strerror(-error));
	diag_remedy(why, error == -EBUSY ? "stop the partition whose threads are in it" : "run as root");
	return error;
}
