// SPDX-License-Identifier: Apache-2.0
#include "core/config/draft.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
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
	return 0;
}

/* The line other floors show for a value: the file's own, or the one that names the profile; none
 * where there is no file. */
static void places_keep(const struct value_place *given, struct partition_config *config)
{
	const char *file = given[PARTITION_NAME].file;

	for (size_t i = 0; i < partition_schema.key_count; i++) {
		const struct key *key = &partition_schema.keys[i];
		const struct value_place *place = &given[i];

		if (key->place_offset == 0 || place->file == NULL)
			continue;
		if (place->file != file)
			place = &given[PARTITION_PROFILE];
		struct text_place kept = {place->line, place->column};
		memcpy((char *)config + key->place_offset, &kept, sizeof(kept));
	}
}

void draft_finish(struct partition_draft *draft, const struct value_place *given,
		  struct partition_config *ret)
{
	struct partition_config *config = &draft->config;

	if (!cpulist_empty(&config->cpus))
		config->vcpus = cpulist_count(&config->cpus);
	if (config->schedule.policy == VCPU_POLICY_DEADLINE && config->schedule.deadline_ns == 0)
		config->schedule.deadline_ns = config->schedule.period_ns;
	config->seal = draft->seal_port ? SEAL_PORT
		       : config->seal_after_ns != 0 ? SEAL_AFTER
						    : SEAL_NEVER;
	places_keep(given, config);
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
