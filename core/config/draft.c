// SPDX-License-Identifier: Apache-2.0
#include "core/config/draft.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/items.h"
#include "core/config/value.h"

int draft_start(struct partition_draft *draft)
{
	for (size_t i = 0; i < partition_schema.key_count; i++) {
		if (value_fallback(&partition_schema.keys[i], draft) != 0) {
			draft_done(draft);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Keys that mean something with one scheduling policy only. */
static const struct {
	enum partition_key key;
	enum vcpu_policy policy;
	const char *text;
} policy_keys[] = {
	{PARTITION_SCHEDULE_PRIORITY, VCPU_POLICY_FIFO, "only policy fifo has a priority"},
	{PARTITION_SCHEDULE_RUNTIME, VCPU_POLICY_DEADLINE, "only policy deadline has a runtime"},
	{PARTITION_SCHEDULE_DEADLINE, VCPU_POLICY_DEADLINE, "only policy deadline has a deadline"},
	{PARTITION_SCHEDULE_PERIOD, VCPU_POLICY_DEADLINE, "only policy deadline has a period"},
};

static int given_refuse(const struct value_place *given, enum partition_key key, const char *prefix,
			const char *text, struct diag *why)
{
	diag_at(why, given[key].file, given[key].line, given[key].column);
	diag_key(why, "%s%s", prefix, partition_schema.keys[key].path);
	diag_set(why, EINVAL, "%s", text);
	diag_remedy(why, "remove one of the two");
	return -EINVAL;
}

/* A profile may have its opinion on CPUs for those who state some. */
static int placement_check_given(const struct value_place *given, const char *prefix,
				 struct diag *why)
{
	static const enum partition_key keys[] = {PARTITION_PLACEMENT_WITHIN,
						  PARTITION_PLACEMENT_SIBLINGS};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *file = given[keys[i]].file;

		if (file == NULL || file != given[PARTITION_NAME].file ||
		    given[PARTITION_CPUS].file != NULL)
			continue;
		given_refuse(given, keys[i], prefix, "the placement of CPUs that are not stated", why);
		diag_remedy(why, "give cpus, or remove it");
		return -EINVAL;
	}
	return 0;
}

static int tasks_check_given(const struct partition_draft *draft, const struct value_place *given,
			     const char *prefix, struct diag *why)
{
	enum partition_key other = given[PARTITION_TASKS_ORDER].file != NULL
					   ? PARTITION_TASKS_ORDER
					   : PARTITION_TASKS_EXIT_COST;

	if (draft->config.tasks.count != 0 || given[other].file == NULL)
		return 0;
	given_refuse(given, other, prefix, "missing", why);
	diag_key(why, "%s%s", prefix, partition_schema.keys[PARTITION_TASKS_SET].path);
	diag_remedy(why, "add it, like tasks: {set: [{name: loop, period: 10ms, budget: 1ms, "
			 "priority: 80}]}");
	return -EINVAL;
}

int draft_check_given(const struct partition_draft *draft, const struct value_place *given,
		      const char *prefix, struct diag *why)
{
	for (size_t i = 0; i < sizeof(policy_keys) / sizeof(policy_keys[0]); i++) {
		enum partition_key key = policy_keys[i].key;

		if (given[key].file != NULL &&
		    draft->config.schedule.policy != policy_keys[i].policy) {
			given_refuse(given, key, prefix, policy_keys[i].text, why);
			diag_remedy(why, "remove it, or change schedule.policy");
			return -EINVAL;
		}
	}
	if (given[PARTITION_CPUS].file != NULL && given[PARTITION_VCPUS].file != NULL)
		return given_refuse(given, PARTITION_VCPUS, prefix, "both cpus and vcpus", why);
	if (given[PARTITION_SEAL_AFTER].file != NULL && draft->seal_port)
		return given_refuse(given, PARTITION_SEAL_PORT, prefix, "both seal.after and seal.port",
				    why);
	int error = placement_check_given(given, prefix, why);
	return error == 0 ? tasks_check_given(draft, given, prefix, why) : error;
}

static void items_place(const struct key *key, struct partition_config *config,
			const struct text_place *place)
{
	struct partition_draft draft = draft_of(config);
	size_t count;
	char *items = items_get(key, &draft, &count);

	for (size_t i = 0; i < count; i++)
		memcpy(items + i * key->items->size + key->items->place_offset, place,
		       sizeof(*place));
}

/* Of several keys with one place the first that is given keeps it. */
static void place_keep(const struct key *key, struct partition_config *config,
		       const struct text_place *place)
{
	char *at = (char *)config + key->place_offset;
	struct text_place kept;

	memcpy(&kept, at, sizeof(kept));
	if (kept.line == 0)
		memcpy(at, place, sizeof(*place));
}

void draft_keep_places(const struct value_place *given, struct partition_config *config)
{
	const char *file = given[PARTITION_NAME].file;

	for (size_t i = 0; i < partition_schema.key_count; i++) {
		const struct key *key = &partition_schema.keys[i];
		bool lent = given[i].file != file;
		const struct value_place *from = lent ? &given[PARTITION_PROFILE] : &given[i];
		struct text_place place = {from->line, from->column};

		if (given[i].file == NULL)
			continue;
		if (key->place_offset != 0)
			place_keep(key, config, &place);
		if (key->type == VALUE_ITEMS && lent)
			items_place(key, config, &place);
	}
}

void draft_finish(struct partition_draft *draft, struct partition_config *ret)
{
	struct partition_config *config = &draft->config;

	if (!cpulist_empty(&config->cpus))
		config->vcpus = cpulist_count(&config->cpus);
	if (config->schedule.policy == VCPU_POLICY_DEADLINE && config->schedule.deadline_ns == 0)
		config->schedule.deadline_ns = config->schedule.period_ns;
	for (size_t i = 0; i < config->tasks.count; i++) {
		if (config->tasks.task[i].deadline_ns == 0)
			config->tasks.task[i].deadline_ns = config->tasks.task[i].period_ns;
	}
	config->seal = draft->seal_port ? SEAL_PORT
		       : config->seal_after_ns != 0 ? SEAL_AFTER
						    : SEAL_NEVER;
	*ret = *config;
	*config = (struct partition_config){0};
}

struct partition_draft draft_of(const struct partition_config *partition)
{
	return (struct partition_draft){
		.config = *partition,
		.seal_port = partition->seal == SEAL_PORT,
	};
}

void draft_done(struct partition_draft *draft)
{
	for (size_t i = 0; i < partition_schema.key_count; i++)
		value_done(&partition_schema.keys[i], draft);
}
