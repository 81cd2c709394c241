// SPDX-License-Identifier: Apache-2.0
#include "core/cli/latency_evidence.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/cli/exit_rows.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/vmm/state.h"
#include "latency/report.h"

enum { FACTS_MAX = 12, FACT_VALUE_MAX = 160 };

/* Names and values of the host and of the run, with room for their texts. */
struct facts {
	struct evidence_fact fact[FACTS_MAX];
	char value[FACTS_MAX][FACT_VALUE_MAX];
	size_t count;
};

static void add_fact(struct facts *facts, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_fact(struct facts *facts, const char *name, const char *format, ...)
{
	char *value = facts->value[facts->count];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, FACT_VALUE_MAX, format, arguments);
	va_end(arguments);
	if (*value != '\0')
		facts->fact[facts->count++] = (struct evidence_fact){name, value};
}

static void describe_placement(const struct launch *launch, char *text, size_t size)
{
	size_t used = 0;

	for (unsigned i = 0; i < launch->vcpus && used < size; i++) {
		int written;

		if (launch->vcpu_cpu[i] == LAUNCH_CPU_ANY)
			written = snprintf(text + used, size - used, "%s%u: any CPU", i == 0 ? "" : ", ", i);
		else
			written = snprintf(text + used, size - used, "%s%u: CPU %d", i == 0 ? "" : ", ", i,
					   launch->vcpu_cpu[i]);
		used += written > 0 ? (size_t)written : 0;
	}
}

static void describe_policy(const struct thread_policy *policy, char *text, size_t size)
{
	if (policy->class == THREAD_FIFO)
		snprintf(text, size, "SCHED_FIFO, priority %u", policy->priority);
	else if (policy->class == THREAD_DEADLINE)
		snprintf(text, size, "SCHED_DEADLINE, runtime %" PRIu64 " ns of %" PRIu64 " ns",
			 policy->runtime_ns, policy->period_ns);
	else
		snprintf(text, size, "SCHED_OTHER");
}

static void collect_facts(const struct partition_run *run, const struct machine_state *state,
			  struct facts *facts)
{
	char text[FACT_VALUE_MAX];
	const struct host_facts *host = &run->host;
	const struct launch *launch = &run->launch;

	add_fact(facts, "CPU model", "%s", host->cpu_model);
	add_fact(facts, "Kernel", "%s", host->kernel.release);
	add_fact(facts, "PREEMPT_RT", "%s", host->kernel.preempt_rt == FACT_YES ? "yes" :
		 host->kernel.preempt_rt == FACT_NO ? "no" : "unknown");
	add_fact(facts, "CPUs online", "%s", cpulist_format(&host->topology.online, text, sizeof(text)));
	add_fact(facts, "TSC", "%" PRIu32 " kHz", state->tsc_khz);
	describe_placement(launch, text, sizeof(text));
	add_fact(facts, "vCPUs", "%s", text);
	describe_policy(&launch->policy, text, sizeof(text));
	add_fact(facts, "vCPU threads", "%s", text);
	add_fact(facts, "Other threads", "%s", cpulist_empty(&launch->other_cpus) ? "any CPU" :
		 cpulist_format(&launch->other_cpus, text, sizeof(text)));
	add_fact(facts, "Guest memory", "%" PRIu64 " MiB in %" PRIu64 " KiB pages%s",
		 launch->memory_bytes >> 20, launch->page_bytes >> 10,
		 launch->lock_memory ? ", locked" : "");
	add_fact(facts, "C-states", "%s", launch->hold_cpu_dma_latency ?
		 "/dev/cpu_dma_latency held at 0" : "not held");
}

/* FNV-1a, 64 bits: tells two configurations apart; it is no seal against forgery. */
static void hash_config(const char *text, char hash[32])
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * UINT64_C(1099511628211);
	snprintf(hash, 32, "fnv1a64:%016" PRIx64, value);
}

static size_t collect_downgrades(const struct partition_run *run, const struct machine_state *state,
				 const char *ret[LAUNCH_NOTES_MAX + STATE_DOWNGRADES_MAX])
{
	uint_fast32_t downgrades = atomic_load(&state->downgrades);
	size_t count = 0;

	for (size_t i = 0; i < run->notes.count; i++)
		ret[count++] = run->notes.text[i];
	for (uint_fast32_t i = 0; i < downgrades && i < STATE_DOWNGRADES_MAX; i++)
		ret[count++] = state->downgrade[i];
	return count;
}

static int hand_out(const struct latency_request *request, const struct evidence *evidence)
{
	struct report_style style = {.colour = isatty(STDOUT_FILENO)};
	struct diag why = {0};
	int error;

	setlocale(LC_CTYPE, "");
	style.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	error = report_terminal(evidence, &style, stdout);
	if (error != 0)
		diag_set(&why, -error, "the report cannot be printed (%s)", strerror(-error));
	if (error == 0 && request->json != NULL)
		error = report_write_file(report_json, evidence, request->json, &why);
	if (error == 0 && request->html != NULL)
		error = report_write_file(report_html, evidence, request->html, &why);
	return error == 0 ? verdict_status(evidence->verdict.verdict) : refusal_print(&why);
}

int latency_report(const struct latency_request *request, const struct partition_run *run,
		   const struct machine_state *state, struct probe_log *log)
{
	const char *downgrades[LAUNCH_NOTES_MAX + STATE_DOWNGRADES_MAX];
	_cleanup_free_ char *config = launch_encode(&run->launch);
	static struct exit_rows exits;
	struct facts facts = {0};
	char hash[32] = "";
	char started[32] = "";
	struct diag why = {0};
	struct tm utc;
	struct evidence evidence = {
		.asked = request->asked,
		.terms = {.budget_ns = request->budget_ns, .tsc_khz = state->tsc_khz,
			  .emulated = request->emulated},
		.title = request->title,
		.machine = run->machine.name,
		.load = "none",
		.started = started,
		.tool_version = "bulkhead " BULKHEAD_VERSION,
		.config_text = config,
		.config_hash = hash,
		.duration_ns = request->duration_ns,
		.sealed = atomic_load(&state->seal.tsc) != 0,
	};

	if (probe_log_finish(log, request->asked, &evidence.result, &why) != 0)
		return refusal_print(&why);
	if (gmtime_r(&request->started, &utc) != NULL)
		strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (config != NULL)
		hash_config(config, hash);
	collect_facts(run, state, &facts);
	evidence.facts = facts.fact;
	evidence.fact_count = facts.count;
	exit_rows_collect(state, run->launch.vcpus, &exits);
	evidence.exits = exits.row;
	evidence.exit_count = exits.count;
	evidence.sealed_exits = exits.sealed;
	evidence.downgrade_count = collect_downgrades(run, state, downgrades);
	evidence.downgrades = downgrades;
	verdict_judge_run(evidence.result, request->asked, &evidence.terms, &evidence.verdict);
	return hand_out(request, &evidence);
}
