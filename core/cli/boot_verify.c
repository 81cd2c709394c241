// SPDX-License-Identifier: Apache-2.0
#include "core/cli/boot_verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/cli/boot_machine.h"

#define SYSCTLS "/proc/sys/"

enum { VALUE_SHOWN = 100 };

/* One more item, to be judged by the caller; NULL without memory. */
static struct boot_item *add(struct boot_items *items, const char *kind, const char *item)
{
	if (items->count == items->room) {
		size_t room = items->room == 0 ? 64 : 2 * items->room;
		struct boot_item *grown = reallocarray(items->item, room, sizeof(*grown));

		if (grown == NULL)
			return NULL;
		items->item = grown;
		items->room = room;
	}
	struct boot_item *ret = &items->item[items->count++];

	*ret = (struct boot_item){.kind = kind};
	snprintf(ret->item, sizeof(ret->item), "%s", item);
	return ret;
}

static int verify_kernel(const struct boot_machine *boot, struct boot_items *ret)
{
	struct boot_item *item;

	for (size_t i = 0; i < boot->boot.count; i++) {
		item = add(ret, "parameter", boot->boot.parameter[i].text);
		if (item == NULL)
			return -ENOMEM;
		item->effect = boot_effect(&boot->boot.parameter[i], &boot->host, item->found);
	}
	item = add(ret, "log", "the kernel's log");
	if (item == NULL)
		return -ENOMEM;
	item->effect = boot_log_effect(&boot->host, item->found);
	for (size_t i = 0; i < boot->boot.option_count; i++) {
		const struct boot_option *option = &boot->boot.option[i];
		char text[128];

		snprintf(text, sizeof(text), "%s %s=%s", option->module, option->name, option->value);
		item = add(ret, "module", text);
		if (item == NULL)
			return -ENOMEM;
		item->effect = boot_option_effect(option, &boot->host, item->found);
	}
	return 0;
}

static int verify_files(const struct boot_machine *boot, struct boot_items *ret)
{
	for (size_t i = 0; i < boot->files.count; i++) {
		const struct change *change = &boot->files.item[i];
		struct boot_item *item;

		if (change->kind != CHANGE_FILE)
			continue;
		item = add(ret, "file", change->path);
		if (item == NULL)
			return -ENOMEM;
		const char *text = NULL;
		int error = host_text(&boot->host.files, &text, "%s", change->path);

		item->effect = change->held ? BOOT_HELD : error == -ENODATA ? BOOT_UNKNOWN : BOOT_NOT_HELD;
		snprintf(item->found, sizeof(item->found), "%s", change->held ? "as installed" :
			 error != 0 ? host_unknown(error) : "not as this file and this host ask for");
	}
	return 0;
}

static bool is_sysctl(const struct change *change)
{
	return strncmp(change->path, SYSCTLS, sizeof(SYSCTLS) - 1) == 0;
}

static int verify_change(const struct change *change, const char *kind, struct boot_items *ret)
{
	struct boot_item *item = add(ret, kind, change->path);

	if (item == NULL)
		return -ENOMEM;
	if (change->name[0] != '\0')
		snprintf(item->item, sizeof(item->item), "%.160s, %s", change->path, change->name);
	item->effect = change->held ? BOOT_HELD : BOOT_NOT_HELD;
	if (change->held)
		snprintf(item->found, sizeof(item->found), "%.*s", VALUE_SHOWN,
			 change->old == NULL ? "" : change->old);
	else
		snprintf(item->found, sizeof(item->found), "%.*s, not %.*s", VALUE_SHOWN,
			 change->old == NULL ? "nothing" : change->old, VALUE_SHOWN,
			 change->value == NULL ? "there" : change->value);
	return 0;
}

static int verify_sysctls(const struct boot_machine *boot, struct boot_items *ret)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < boot->settings.count; i++) {
		if (is_sysctl(&boot->settings.item[i]))
			error = verify_change(&boot->settings.item[i], "sysctl", ret);
	}
	return error;
}

/* What counts is where its tasks may run: its own list says so, or the partitions leave it no other CPU. */
static void judge_slice(const struct boot_machine *boot, const char *unit, struct boot_item *item)
{
	const struct host_files *files = &boot->host.files;
	const char *mount = boot->host.cgroup.mount;
	struct cpulist cpus = {0};
	char text[VALUE_SHOWN];
	const char *type = NULL;
	int error = host_cpus(files, &cpus, "%s/%s/cpuset.cpus.effective", mount, unit);

	if (error == -ENOENT && host_text(files, &type, "%s/%s/cgroup.type", mount, unit) == -ENOENT) {
		snprintf(item->found, sizeof(item->found), "nothing runs in it");
		return;
	}
	if (error != 0) {
		item->effect = error == -ENOENT ? BOOT_NOT_HELD : BOOT_UNKNOWN;
		snprintf(item->found, sizeof(item->found), "cpuset.cpus.effective: %s", host_unknown(error));
		return;
	}
	snprintf(item->found, sizeof(item->found), "CPUs %s",
		 cpulist_format(&cpus, text, sizeof(text)));
	cpulist_minus(&cpus, &boot->cpus.housekeeping, &cpus);
	item->effect = cpulist_empty(&cpus) ? BOOT_HELD : BOOT_NOT_HELD;
}

static int verify_slice(const struct boot_machine *boot, const char *unit, struct boot_items *ret)
{
	struct boot_item *item = add(ret, "slice", unit);

	if (item == NULL)
		return -ENOMEM;
	if (boot->host.cgroup.mode == CGROUP_V2) {
		judge_slice(boot, unit, item);
		return 0;
	}
	item->effect = BOOT_NOT_HELD;
	snprintf(item->found, sizeof(item->found), "control groups are not version 2 alone");
	return 0;
}

static int verify_slices(const struct boot_machine *boot, struct boot_items *ret)
{
	static const char *const unit[] = {"init.scope", "system.slice", "user.slice"};
	int error = 0;

	if (cpulist_empty(&boot->cpus.partitions))
		return 0;
	for (size_t i = 0; error == 0 && i < sizeof(unit) / sizeof(unit[0]); i++)
		error = verify_slice(boot, unit[i], ret);
	return error;
}

/* What bulkhead-host.service has applied: a row for each change that does not hold, or one for all that do. */
static int verify_apply(const struct boot_machine *boot, struct boot_items *ret, struct findings *findings)
{
	_cleanup_(changes_done) struct changes changes = {0};
	int error = flow_changes(&boot->machine, &boot->plan, &boot->host, &changes, findings);
	struct boot_item *item;

	for (size_t i = 0; error == 0 && i < changes.count; i++) {
		if (!changes.item[i].held && !is_sysctl(&changes.item[i]))
			error = verify_change(&changes.item[i], "apply", ret);
	}
	if (error != 0 || changes_pending(&changes) > 0)
		return error;
	item = add(ret, "apply", "bulkhead apply");
	if (item == NULL)
		return -ENOMEM;
	snprintf(item->found, sizeof(item->found), "%zu settings hold", changes.count);
	return 0;
}

int boot_verify(const struct boot_machine *boot, struct boot_items *ret, struct findings *findings)
{
	int error = verify_kernel(boot, ret);

	if (error == 0)
		error = verify_files(boot, ret);
	if (error == 0)
		error = verify_sysctls(boot, ret);
	if (error == 0)
		error = verify_slices(boot, ret);
	if (error == 0)
		error = verify_apply(boot, ret, findings);
	return error;
}

size_t boot_items_count(const struct boot_items *items, enum boot_effect effect)
{
	size_t count = 0;

	for (size_t i = 0; i < items->count; i++)
		count += items->item[i].effect == effect;
	return count;
}

void boot_items_done(struct boot_items *items)
{
	free(items->item);
	*items = (struct boot_items){0};
}
