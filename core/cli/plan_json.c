// SPDX-License-Identifier: Apache-2.0
#include "core/cli/plan_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/cli/flow.h"
#include "core/cli/json_text.h"
#include "core/config/machine.h"
#include "core/host/host.h"

static json_t *cpus_to_json(const struct cpulist *cpus)
{
	char text[CPULIST_TEXT_MAX];

	return json_string(cpulist_format(cpus, text, sizeof(text)));
}

static const char *isolation_name(enum isolation mode)
{
	switch (mode) {
	case ISOLATION_ANY:
		return "any";
	case ISOLATION_CPUSET:
		return "cpuset";
	case ISOLATION_ISOLCPUS:
		return "isolcpus";
	case ISOLATION_AFFINITY:
		return "affinity";
	}
	return "";
}

static json_t *schedule_to_json(const struct vcpu_schedule *schedule)
{
	if (schedule->policy == VCPU_POLICY_FIFO)
		return json_pack("{s:s, s:i}", "policy", "fifo", "priority", (int)schedule->priority);
	if (schedule->policy == VCPU_POLICY_DEADLINE)
		return json_pack("{s:s, s:I, s:I, s:I}", "policy", "deadline",
				 "runtime_ns", (json_int_t)schedule->runtime_ns,
				 "deadline_ns", (json_int_t)schedule->deadline_ns,
				 "period_ns", (json_int_t)schedule->period_ns);
	return json_pack("{s:s}", "policy", "other");
}

/* The shares of partition @index, which follow each other from @at; moves @at behind them. */
static json_t *memory_to_json(const struct memory_plan *plan, size_t index, size_t *at)
{
	json_t *list = json_array();
	int failed = 0;

	for (; *at < plan->count && plan->share[*at].partition == index; (*at)++) {
		const struct memory_share *share = &plan->share[*at];
		json_t *node = share->node < 0 ? json_null() : json_integer(share->node);

		failed |= json_array_append_new(list, json_pack(
			"{s:o, s:I, s:I}", "node", node, "bytes", (json_int_t)share->bytes,
			"page_bytes", (json_int_t)share->page_bytes));
	}
	if (failed == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *cache_to_json(const struct cache_share *share)
{
	char l3[24], l2[24];

	snprintf(l3, sizeof(l3), "0x%" PRIx64, share->l3_mask);
	snprintf(l2, sizeof(l2), "0x%" PRIx64, share->l2_mask);
	return json_pack("{s:s, s:s, s:i}", "l3_mask", l3, "l2_mask", l2,
			 "bandwidth_percent", (int)share->bandwidth_percent);
}

static json_t *partitions_to_json(const struct machine_config *machine,
				  const struct machine_plan *plan)
{
	json_t *list = json_array();
	size_t share = 0;

	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];
		json_t *object = json_pack(
			"{s:s, s:o, s:i, s:s, s:o, s:o, s:o}", "name", partition->name,
			"cpus", cpus_to_json(&partition->cpus), "vcpus", (int)partition->vcpus,
			"isolation", isolation_name(plan->isolation.mode[i]),
			"schedule", schedule_to_json(&plan->reservation.schedule[i]),
			"memory", memory_to_json(&plan->memory, i, &share),
			"cache", cache_to_json(&plan->cache.share[i]));

		if (json_array_append_new(list, object) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *reservations_to_json(const struct reservation_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->load_count; i++) {
		const struct reservation_load *load = &plan->load[i];

		if (json_array_append_new(list, json_pack("{s:i, s:f, s:f}", "cpu", (int)load->cpu,
				"used", (double)load->used_ppb / 1e9,
				"limit", (double)load->limit_ppb / 1e9)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *plan_to_json(const struct machine_config *machine, const struct machine_plan *plan)
{
	return json_pack("{s:o, s:o, s:o}",
			 "housekeeping", cpus_to_json(&plan->placement.housekeeping),
			 "partitions", partitions_to_json(machine, plan),
			 "reservations", reservations_to_json(&plan->reservation));
}

json_t *host_to_json(const struct host_facts *host, const char *tree)
{
	json_t *preempt_rt = host->kernel.preempt_rt == FACT_UNKNOWN ? json_null() :
			     json_boolean(host->kernel.preempt_rt == FACT_YES);

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "source", json_text(tree == NULL ? "live" : tree),
			 "kernel", json_text(host->kernel.release), "cpu_model", json_text(host->cpu_model),
			 "cpus_online", cpus_to_json(&host->topology.online),
			 "preempt_rt", preempt_rt);
}
