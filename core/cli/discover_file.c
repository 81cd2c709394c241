// SPDX-License-Identifier: Apache-2.0
/* The machine file itself: what it proposes, and why. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cli/discover.h"
#include "core/config/partition.h"
#include "core/host/host.h"

enum { COMMENT_WIDTH = 108 };

char *discover_printable(char *text)
{
	for (char *c = text; *c != '\0'; c++) {
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	}
	return text;
}

void discover_comment(FILE *stream, const char *format, ...)
{
	char text[COMMENT_WIDTH];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	discover_printable(text);
	if (length >= COMMENT_WIDTH)
		memcpy(text + COMMENT_WIDTH - 4, "...", 4);
	for (size_t end = strlen(text); end > 0 && text[end - 1] == ' '; end--)
		text[end - 1] = '\0';
	fprintf(stream, "#%s%s\n", *text == '\0' ? "" : " ", text);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void write_head(const struct discovery *discovery, FILE *stream)
{
	const struct host_facts *host = discovery->host;
	const struct host_topology *topology = &host->topology;
	static const char *const preempt_rt[] = {
		[FACT_UNKNOWN] = "whether it is PREEMPT_RT is unknown",
		[FACT_NO] = "not PREEMPT_RT",
		[FACT_YES] = "PREEMPT_RT",
	};
	unsigned cpus = cpulist_count(&topology->online);

	discover_comment(stream, "A first machine file for this host, by bulkhead discover %s.",
			 BULKHEAD_VERSION);
	discover_comment(stream, "It runs as it stands: its guests are the built-in probe guest. Put yours in "
			 "their place,");
	discover_comment(stream, "change what does not suit, and hold it against the host with bulkhead check. "
			 "Every key is");
	discover_comment(stream, "described in bulkhead-machine(5).");
	discover_comment(stream, "%s", "");
	discover_comment(stream, "CPUs:   %s",
			 host->cpu_model[0] != '\0' ? host->cpu_model : "model unknown");
	discover_comment(stream, "        %u online, %u core%s, %zu last-level cache%s, %zu NUMA node%s",
			 cpus, topology->cores, plural(topology->cores), topology->cache_count,
			 plural(topology->cache_count), topology->node_count,
			 plural(topology->node_count));
	discover_comment(stream, "Kernel: %s, %s",
			 host->kernel.release[0] != '\0' ? host->kernel.release : "release unknown",
			 preempt_rt[host->kernel.preempt_rt]);
	fputs("machine: discovered\n", stream);
}

static void write_host(const struct discovery *discovery, FILE *stream)
{
	char list[CPULIST_TEXT_MAX];

	fputs("\nhost:\n"
	      "  # For interrupts, drivers, and all that is no vCPU: the boot CPU's whole core, and on larger\n"
	      "  # hosts a second one. CPUs that are neither here nor in a partition stay idle.\n", stream);
	fprintf(stream, "  housekeeping: \"%s\"\n",
		cpulist_format(&discovery->candidates.housekeeping, list, sizeof(list)));
	if (discovery->host->kernel.preempt_rt == FACT_YES)
		fputs("  kernel: preempt-rt          # as this host runs\n", stream);
	else
		fputs("  # kernel: preempt-rt        # worth having: without it the kernel itself makes "
		      "guests wait\n", stream);
}

static void write_memory(const struct candidate_partition *partition, FILE *stream)
{
	char size[32];
	char pages[32];

	fprintf(stream, "    memory: {size: %s, pages: %s",
		size_format(partition->memory_bytes, size, sizeof(size)),
		size_format(partition->page_bytes, pages, sizeof(pages)));
	if (partition->remote)
		fprintf(stream, ", node: %d", partition->node);
	fputs("}", stream);
	if (!partition->memory_known)
		fputs("  # the smallest: how much there is could not be read", stream);
	else if (partition->remote)
		fputs("  # the CPUs' own node has none", stream);
	fputs("\n", stream);
	if (partition->remote)
		fputs("    placement: {within: machine}\n", stream);
}

/* Whether the exits that the profile disables can be: lines "NAME VALUE". */
static bool exits_allowed(const struct host_facts *host)
{
	static const char name[] = "X86_DISABLE_EXITS ";
	const unsigned needed = EXITS_DISABLED_MWAIT | EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE;
	const char *text = NULL;
	const char *found;

	if (host_text(&host->files, &text, "/bulkhead/kvm-capabilities") != 0)
		return false;
	found = strstr(text, name);
	return found != NULL && (strtoul(found + sizeof(name) - 1, NULL, 10) & needed) == needed;
}

static void write_real_time(const struct discovery *discovery, FILE *stream)
{
	const struct candidate_partition *partition = &discovery->candidates.real_time;
	unsigned cpus = cpulist_count(&partition->cpus);
	char list[CPULIST_TEXT_MAX];

	fprintf(stream, "  # Real-time: %u whole core%s under one cache, %u vCPU%s.\n", partition->cores,
		plural(partition->cores), cpus, plural(cpus));
	if (cpus > partition->cores)
		fputs("  # Threads of one core slow each other down: let the guest idle all but one of each,\n"
		      "  # or boot the host with nosmt.\n", stream);
	fputs("  - name: rt\n"
	      "    profile: industrial       # SCHED_FIFO, locked memory, whole cores\n", stream);
	fprintf(stream, "    cpus: \"%s\"\n", cpulist_format(&partition->cpus, list, sizeof(list)));
	write_memory(partition, stream);
	if (!exits_allowed(discovery->host))
		fputs("    exits: {disable: []}      # what the profile disables is not known to be "
		      "possible here\n", stream);
	fputs("    boot: {kernel: probe}\n", stream);
}

static void write_best_effort(const struct discovery *discovery, FILE *stream)
{
	const struct candidate_partition *partition = &discovery->candidates.best_effort;
	char list[CPULIST_TEXT_MAX];

	if (partition->memory_bytes == 0) {
		fputs("\n  # No core is left for a partition beside it. One without cpus shares those of\n"
		      "  # housekeeping: {name: panel, profile: best-effort, vcpus: 1, ...}\n", stream);
		return;
	}
	if (cpulist_empty(&partition->cpus)) {
		fputs("  # It floats among the host's own work, on whatever CPU time is left.\n"
		      "  - name: panel\n"
		      "    profile: best-effort\n"
		      "    vcpus: 1\n", stream);
	} else {
		fprintf(stream, "\n  # Best effort: an operator panel, a gateway; %u core%s.\n",
			partition->cores, plural(partition->cores));
		fprintf(stream, "  - name: panel\n"
			"    profile: best-effort      # the host's fair scheduler, no locked memory\n"
			"    cpus: \"%s\"\n", cpulist_format(&partition->cpus, list, sizeof(list)));
	}
	write_memory(partition, stream);
	fputs("    boot: {kernel: probe}\n", stream);
}

static void write_lack(const struct discovery *discovery, FILE *stream)
{
	const char *why = "";

	switch (discovery->candidates.lack) {
	case CANDIDATES_ENOUGH:
		return;
	case CANDIDATES_ONE_CPU:
		why = "no more than one CPU is online and may be used";
		break;
	case CANDIDATES_ONE_CORE:
		why = "the CPUs that may be used are threads of one core";
		break;
	case CANDIDATES_NO_WHOLE:
		why = "beside housekeeping's there is no core of which all threads may be used";
		break;
	case CANDIDATES_UNTOLD:
		why = "which CPUs share a core, a cache and a NUMA node could not be read";
		break;
	}
	fprintf(stream, "  # No real-time partition: %s.\n", why);
}

void discover_write(const struct discovery *discovery, FILE *stream)
{
	bool enough = discovery->candidates.lack == CANDIDATES_ENOUGH;

	write_head(discovery, stream);
	if (enough)
		write_host(discovery, stream);
	fputs("\npartitions:\n", stream);
	write_lack(discovery, stream);
	if (enough)
		write_real_time(discovery, stream);
	write_best_effort(discovery, stream);
	discover_write_survey(discovery, stream);
}
