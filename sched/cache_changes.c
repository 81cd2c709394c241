// SPDX-License-Identifier: Apache-2.0
/*
 * resctrl: a group for each partition that asks for cache or bandwidth of its own, and the default group,
 * in which everybody else is, without its ways. Masks are given in each domain of a cache by its number,
 * as the default group's schemata lists them.
 */
#include <errno.h>
#include <stdio.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/cache_plan.h"
#include "sched/cache_schemata.h"
#include "sched/group_changes.h"
#include "sched/phrase.h"

#define RESCTRL "/sys/fs/resctrl"

/* struct caching - a plan in the making. @default_text: the default group's schemata as it is. */
struct caching {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cache_plan *plan;
	struct changes *changes;
	struct findings *findings;
	const char *default_text;
};

static bool asks(const struct cache_share *share)
{
	return share->l3_mask != 0 || share->l2_mask != 0 || share->bandwidth_percent != 0;
}

static struct diag *begin(const struct caching *caching, enum finding_kind kind, const char *rule,
			  int partition)
{
	struct diag *why = findings_add(caching->findings, kind, rule, partition);
	const struct text_place none = {0};
	const struct text_place *at = partition < 0 ? &none : &caching->machine->partition[partition].at.cache;

	diag_at(why, caching->machine->file, at->line, at->column);
	if (partition >= 0)
		diag_key(why, "partitions[%d].cache", partition);
	return why;
}

static void say_unknown(const struct caching *caching, const char *path, int error)
{
	struct diag *why = begin(caching, FINDING_UNKNOWN, "cache-unknown", FINDING_MACHINE);

	diag_set(why, -error, "%s could not be read (%s), so that it could not be put back", path,
		 host_unknown(error));
	diag_remedy(why, "run as root, or capture the host again as root");
}

/* Whether resctrl is there to be written to; @ret->default_text is what it has now. */
static bool find_default(struct caching *caching)
{
	int error = host_text(&caching->host->files, &caching->default_text, RESCTRL "/schemata");
	struct diag *why;

	if (error == 0)
		return true;
	if (error != -ENOENT) {
		say_unknown(caching, RESCTRL "/schemata", error);
		return false;
	}
	why = begin(caching, FINDING_REFUSED, "cache-unmounted", FINDING_MACHINE);
	diag_set(why, ENOENT, "the caches are divided through resctrl, which is not mounted");
	diag_remedy(why, "mount -t resctrl resctrl " RESCTRL);
	return false;
}

/* A CPU is in one group: that of the first partition that asks. One without CPUs has none to put into a group. */
static bool has_cpus(const struct caching *caching, size_t index)
{
	const struct machine_config *machine = caching->machine;
	struct cpulist shared = {0};
	struct diag *why;
	char text[PHRASE_CPUS_MAX];

	if (cpulist_empty(&machine->partition[index].cpus)) {
		why = begin(caching, FINDING_REFUSED, "cache-cpus", (int)index);
		diag_set(why, EINVAL, "cache and bandwidth are given to CPUs, and partition %s states none",
			 machine->partition[index].name);
		diag_remedy(why, "state cpus, or leave cache out");
		return false;
	}
	for (size_t i = 0; i < index; i++) {
		if (!asks(&caching->plan->share[i]))
			continue;
		cpulist_and(&machine->partition[index].cpus, &machine->partition[i].cpus, &shared);
		if (cpulist_empty(&shared))
			continue;
		why = begin(caching, FINDING_REFUSED, "cache-cpus", (int)index);
		diag_set(why, EINVAL, "cache and bandwidth are given to CPUs, and partition %s has some of "
			 "%s, too", machine->partition[i].name, phrase_cpus(&shared, text, sizeof(text)));
		diag_remedy(why, "leave cache out of one of the two");
		return false;
	}
	return true;
}

static struct change *set(struct caching *caching, const char *folder, const char *file,
			  enum change_compare compare, const char *value)
{
	const char *old = NULL;
	int error = host_text(&caching->host->files, &old, "%s/%s", folder, file);
	struct change *change;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (error != 0 && error != -ENOENT) {
		say_unknown(caching, path, error);
		return NULL;
	}
	change = changes_add(caching->changes, CHANGE_TEXT, "cache", "%s", path);
	change_text(caching->changes, change, compare, error == 0 ? old : NULL, "%s", value);
	return change;
}

/* Before any group has ways of its own: until then everybody has them all. */
static int narrow_default(struct caching *caching)
{
	_cleanup_free_ char *value = NULL;
	_cleanup_free_ char *restore = NULL;
	struct change *change;
	int error = cache_schemata(caching->machine, caching->host, caching->plan, CACHE_DEFAULT,
				   caching->default_text, &value);

	if (error != 0 || *value == '\0')
		return error;
	/* The kernel takes whole lines alone, and a snapshot's texts have lost their last newline. */
	if (asprintf(&restore, "%s\n", caching->default_text) < 0) {
		restore = NULL;
		return -ENOMEM;
	}
	change = set(caching, RESCTRL, "schemata", COMPARE_LINES, value);
	if (change == NULL)
		return 0;
	change_restore(caching->changes, change, restore);
	change_reason(change, "everybody else keeps out of the partitions' cache ways");
	return 0;
}

static int make_group(struct caching *caching, size_t index)
{
	const struct partition_config *partition = &caching->machine->partition[index];
	_cleanup_free_ char *value = NULL;
	const char *old = NULL;
	struct change *change;
	char folder[96];
	char cpus[CPULIST_TEXT_MAX];
	int error = cache_schemata(caching->machine, caching->host, caching->plan, index,
				   caching->default_text, &value);

	if (error != 0)
		return error;
	snprintf(folder, sizeof(folder), RESCTRL "/bulkhead-%s", partition->name);
	error = host_text(&caching->host->files, &old, "%s/schemata", folder);
	if (error != 0 && error != -ENOENT) {
		say_unknown(caching, folder, error);
		return 0;
	}
	change = changes_add(caching->changes, CHANGE_FOLDER, "cache", "%s", folder);
	change_made(caching->changes, change, error == 0);
	change_reason(change, "partition %s has cache or bandwidth of its own", partition->name);
	change = set(caching, folder, "schemata", COMPARE_LINES, value);
	if (change != NULL)
		change_reason(change, "the ways and the bandwidth that partition %s asks for",
			      partition->name);
	cpulist_format(&partition->cpus, cpus, sizeof(cpus));
	change = set(caching, folder, "cpus_list", COMPARE_CPUS, cpus);
	if (change != NULL)
		change_reason(change, "what runs on the CPUs of partition %s has its ways",
			      partition->name);
	return 0;
}

int cache_changes(const struct machine_config *machine, const struct host_facts *host,
		  const struct cache_plan *cache, struct changes *ret, struct findings *findings)
{
	struct caching caching = {machine, host, cache, ret, findings, NULL};
	bool any = false;
	int error;

	for (size_t i = 0; i < cache->count; i++)
		any = any || asks(&cache->share[i]);
	if (!any || !find_default(&caching))
		return 0;
	error = narrow_default(&caching);
	for (size_t i = 0; error == 0 && i < cache->count; i++) {
		if (asks(&cache->share[i]) && has_cpus(&caching, i))
			error = make_group(&caching, i);
	}
	return error == 0 && ret->lost ? -ENOMEM : error;
}
